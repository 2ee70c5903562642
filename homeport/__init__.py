"""homeport: describe, look, diff, change, prove."""
