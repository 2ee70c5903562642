"""Where the controller's time goes when there are many hosts: simulated ones, which cost nothing.

A simulated host answers a look with what a real one answered, so a deploy to it is a true no-op.
Beside it stands the floor: the same hosts, and the least that pyinfra can do with them.
"""
