"""How hosts are, unless their group says otherwise.

What ``app`` overrides goes for the application that it names, or for any if it names none.
"""

architecture = "amd64"
debian = "12"
