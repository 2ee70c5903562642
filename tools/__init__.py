"""Tools for people who work on homeport."""
