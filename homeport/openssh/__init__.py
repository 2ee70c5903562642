"""A pyinfra connector over the system's OpenSSH: ``@openssh/HOST``.

Whatever ``ssh HOST`` does on this machine is how the host is reached: ``ssh -G`` decides address,
user, port, jump hosts, keys, certificates, agents and proxies. One login serves a whole run, and
the runs of the next minute: a master connection (ssh_config(5), ``ControlPersist``), whose socket
lies in a directory that no other user may enter. ``data.py`` names the keys of host data, and
docs/connection.md says what is read from where.
"""
