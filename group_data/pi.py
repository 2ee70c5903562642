"""How Raspberry Pis differ: 64-bit ARM, less memory, and an ordinary user with sudo."""

_sudo = True
architecture = "arm64"
app = {
    "name": "pinboard",
    "environment": {"PINBOARD_TITLE": "Pinboard (Pi)"},
    "processes": {"web": {"memory": "192M"}},
}

# A bootstrap pins the hosts' keys there; a host that shows another key is not talked to.
ssh_known_hosts_file = "inventories/known_hosts"
ssh_strict_host_key_checking = "yes"

# What else a bootstrap can be told, here or for one host in inventories/pi.py:
#
# timezone = "Europe/Berlin"
# authorized_keys = ["~/.ssh/id_ed25519.pub", "ssh-ed25519 AAAA... ann@laptop"]
#     the only keys that may log in; without it, those of the user who bootstraps
# host_key_fingerprint = "SHA256:..."
#     for one host: the password is sent only to a host that has this key
# sd_card = True
#     zram and noatime, as if the root file system were on an SD card; False: neither
# confirm_timeout = 120
#     seconds until a host that closed passwords opens again, unless the bootstrap confirms
