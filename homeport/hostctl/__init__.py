"""The program on a host: it runs during a deploy, at boot, or by hand, and never else.

It is standard-library Python for the host's own interpreter, and imports nothing else of the
project: on a host this package lies alone. Every path hangs below a root, every program goes
through one runner and every clock can be set, so that all of it is tested on no host at all.
"""
