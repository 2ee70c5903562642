"""How staging hosts differ: their operator is an ordinary user with sudo."""

_sudo = True
app = {"name": "pinboard", "environment": {"PINBOARD_TITLE": "Pinboard (staging)"}}
