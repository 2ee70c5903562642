"""What artifacts.pack promises."""

from __future__ import annotations

import struct
import tarfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from homeport.artifacts import build_artifact, pack
from homeport.artifacts.source_tree import TreeEntry
from homeport.errors import UserError
from tests.support.code_tree import cache, tree

__all__ = ["cache", "tree"]


def test_pack__the_packed_files_are_nobodys_and_from_no_time(tree: Path, cache: Path) -> None:
    (tree / "run.sh").write_text("#!/bin/sh\n")
    (tree / "run.sh").chmod(0o775)
    artifact = build_artifact(tree, cache=cache)
    with tarfile.open(artifact.path) as archive:
        members = archive.getmembers()
    magic, flags, time = struct.unpack("<3sBL", artifact.path.read_bytes()[:8])
    assert (magic, flags, time) == (b"\x1f\x8b\x08", 0, 0)
    assert {(m.uid, m.gid, m.uname, m.gname, m.mtime) for m in members} == {(0, 0, "", "", 0)}
    assert {m.name: oct(m.mode) for m in members} == {
        "run.sh": "0o755",
        "shop": "0o755",
        "shop/__init__.py": "0o644",
        "wsgi.py": "0o644",
    }


@pytest.mark.parametrize("content", ["import shop, os\n", "", "import shoq\n"])
def test_pack__a_file_that_changes_under_our_hands_is_not_packed(
    tree: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    directories = pack._directories

    def edit(entries: Iterable[TreeEntry]) -> list[str]:
        (tree / "wsgi.py").write_text(content)
        return directories(entries)

    monkeypatch.setattr(pack, "_directories", edit)
    with pytest.raises(UserError, match=r"wsgi\.py: this file changed"):
        build_artifact(tree, cache=cache)
    assert not [path for path in cache.rglob("*") if path.is_file()]
