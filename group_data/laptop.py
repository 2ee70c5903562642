"""How the laptop-like host of the lab differs: it is reached as root."""

app = {"environment": {"PINBOARD_TITLE": "Pinboard (laptop)"}}
