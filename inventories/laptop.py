"""This machine, for its user: `pyinfra inventories/laptop.py deploy.py`, without root or sudo.

Everything is put below local/ in the project. How laptops differ is said in group_data/laptop.py.
"""

laptop = [
    ("@local", {"host_type": "laptop"}),
]
