"""How the laptop-like host of the lab differs: it is reached as root."""

app = {"name": "pinboard", "environment": {"PINBOARD_TITLE": "Pinboard (laptop)"}}
