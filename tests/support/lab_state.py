"""What tests of several modules share: lab state."""

from pathlib import Path

from lab.paths import Place
from lab.state import Host, State

HOSTS = {
    "laptop": Host("laptop", 2, "amd64", "amd64", "12", "root"),
    "pi": Host("pi", 3, "arm64", "amd64", "12", "deploy"),
    "cam": Host("cam", 4, "arm64", "arm64", "13", "deploy"),
    "web": Host("web", 5, "amd64", "amd64", "13", "root", "trixie-amd64-x"),
    "shed": Host("shed", 6, "amd64", "amd64", "12", "pi"),
}
STATE = State("10.77.9.0/24", HOSTS)


def a_place(directory: Path) -> Place:
    return Place("0a1b2c", directory)
