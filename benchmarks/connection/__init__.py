"""What reaching hosts costs: pyinfra over its own @ssh, and over homeport's @openssh.

The hosts are real SSH servers on this machine, so that as many can be had as it has memory for.
"""
