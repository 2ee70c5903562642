"""A deploy on the host: its lease, its journal, its states."""
