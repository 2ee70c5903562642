"""Staging: edit the host, then `pyinfra inventories/staging.py deploy.py --dry --diff`.

How staging hosts differ from others is said in group_data/staging.py.
"""

staging = [
    ("@openssh/staging.example.org", {"ssh_user": "deploy"}),
]
