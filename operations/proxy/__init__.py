"""The reverse proxy: nginx, its sites and certificates."""
