"""How hosts are, unless their group says otherwise."""

architecture = "amd64"
debian = "12"
