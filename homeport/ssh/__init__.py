"""How a host is reached: its address, its key, logins, and why one fails."""
