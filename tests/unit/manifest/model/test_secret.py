"""What manifest.model.secret promises."""

from __future__ import annotations

from pathlib import Path

from homeport.manifest import FileSecret
from tests.support.valid_app import Read


def test_secret_may_be_anywhere_on_the_machine_that_deploys(read: Read, project: Path) -> None:
    places = {"../token": project / "../token", "/etc/t": Path("/etc/t"), "~/t": Path.home() / "t"}
    for written, meant in places.items():
        secret = read("secrets/pinboard-token", written).secrets["PINBOARD_TOKEN"]
        assert isinstance(secret, FileSecret)
        assert read().resolve(secret.file) == meant
