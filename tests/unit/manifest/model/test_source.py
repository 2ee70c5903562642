"""What manifest.model.source promises."""

from __future__ import annotations

from homeport.manifest import GitSource, PackageSource
from tests.support.valid_app import Read

SOURCE = "source: examples/pinboard"


def test_source_may_be_a_git_repository(read: Read) -> None:
    app = read(SOURCE, "source: {ref: v1.2, git: 'git@host.example:me/app.git'}")
    assert app.source == GitSource(git="git@host.example:me/app.git", ref="v1.2")


def test_source_may_be_a_package(read: Read) -> None:
    app = read(SOURCE, 'source: {package: datasette, version: "0.65"}')
    assert app.source == PackageSource(package="datasette", version="0.65")
