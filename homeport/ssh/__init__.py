"""The way to a host: its address, its key, logins, and why one fails."""
