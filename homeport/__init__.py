"""homeport: describe, probe, diff, change, verify."""
