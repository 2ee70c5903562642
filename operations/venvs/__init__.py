"""Virtual environments: built from a lock, compared with it."""
