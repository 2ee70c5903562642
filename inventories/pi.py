"""Raspberry Pis in production: edit, then make a fresh one ready, and deploy to it:

    pyinfra inventories/pi.py deploys/bootstrap.py --dry --diff
    pyinfra inventories/pi.py deploys/bootstrap.py
    pyinfra inventories/pi.py deploy.py

`ssh_user` is who deploys: a bootstrap makes that user, with your key. `bootstrap_login` is who can
log in to the fresh image; it is not used any more once the key works. How Pis differ from other
hosts is said in group_data/pi.py, docs/bootstrap.md tells the whole story.
"""

pi = [
    (
        "@openssh/pi.local",
        {
            "ssh_user": "deploy",
            "hostname": "pi",
            # The key that its first login must show: `ssh-keygen -lf` at its keyboard tells it.
            # "host_key_fingerprint": "SHA256:...",
            "bootstrap_login": {"user": "pi", "password": {"file": "secrets/pi-password"}},
        },
    ),
]
