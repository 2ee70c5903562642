"""Faults that are made by the thousand: power that is cut while the host program works."""
