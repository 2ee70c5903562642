"""How Raspberry Pis differ: 64-bit ARM, less memory, and an ordinary user with sudo."""

_sudo = True
architecture = "arm64"
app = {
    "name": "pinboard",
    "environment": {"PINBOARD_TITLE": "Pinboard (Pi)"},
    "processes": {"web": {"memory": "192M"}},
}
