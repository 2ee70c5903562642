"""An application that says in each answer which release gave it."""

RELEASE = "0"
CRASH = None
"""Seconds after its first visitor at which this release dies; None for one that doesn't."""
