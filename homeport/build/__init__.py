"""Build apart from any deploy: code and lock in one file."""
