"""How a Debian 13 host differs: its Python is newer than the one that app.yml names."""

app = {"python": "3.13"}
