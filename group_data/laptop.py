"""How laptops differ: this machine, and the host of the lab that plays one for its root."""

app = {
    "name": "pinboard",
    "environment": {"PINBOARD_TITLE": "Pinboard (laptop)"},
    # Nothing stands before the web process there: a browser finds it on a port of its own.
    "proxy": None,
    "processes": {
        "web": {
            "command": "gunicorn --no-control-socket --worker-tmp-dir /dev/shm --workers 2 "
            "--bind 127.0.0.1:{port} pinboard.web:app",
            "listen": 8000,
        },
    },
}
