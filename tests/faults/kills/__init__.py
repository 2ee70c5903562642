"""SIGKILL at every boundary of deploys and rollbacks, on a host of the lab, under load.

The boundaries are the phases of deploy.py, and the states that the host program writes down.
"""
