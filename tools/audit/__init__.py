"""The audit of what is locked: known vulnerabilities, and those that are accepted for a time."""
