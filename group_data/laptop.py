"""How laptops differ: this machine, and the host of the lab that plays one for its root."""

app = {"environment": {"PINBOARD_TITLE": "Pinboard (laptop)"}}
