"""How laptops differ: this machine, and the host of the lab that plays one for its root."""

app = {"name": "pinboard", "environment": {"PINBOARD_TITLE": "Pinboard (laptop)"}}
