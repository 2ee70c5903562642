"""Raspberry Pis in production: edit, then `pyinfra inventories/pi.py deploy.py --dry --diff`.

How Pis differ from other hosts is said in group_data/pi.py.
"""

pi = [
    ("pi.local", {"ssh_user": "pi"}),
]
