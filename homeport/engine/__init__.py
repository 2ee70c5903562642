"""Describe, probe, diff, apply: what every kind of resource goes through."""
