"""What artifacts.unpacking promises: nothing gets out of an archive, and none fills the disk."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from homeport.artifacts import Pinned, unpacking
from homeport.artifacts.console_scripts import scripts_of
from homeport.artifacts.modules import top_level_modules
from homeport.artifacts.unpacking import ALL, Unsafe, open_wheel, unpack_tar
from homeport.errors import UserError


def pack(file: Path, *members: tuple[str, bytes, str | bytes]) -> Path:
    """Write a tar of members: name, type, and the target of a link or the content of a file."""
    with tarfile.open(file, "w:gz") as archive:
        for name, kind, value in members:
            member = tarfile.TarInfo(name)
            member.type = kind
            if isinstance(value, str):
                member.linkname = value
                archive.addfile(member)
            else:
                member.size = len(value)
                archive.addfile(member, io.BytesIO(value))
    return file


REG, SYM, HARD, DEVICE = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE
HOSTILE = {
    "a path that goes up": [("source/../../x", REG, b"x")],
    "an absolute path": [("/x", REG, b"x")],
    "a link for the lock": [("requirements.txt", SYM, "/etc/passwd")],
    "a link for the code": [("source", SYM, "/etc")],
    "a hard link": [("source/a", REG, b"x"), ("source/b", HARD, "source/a")],
    "a device": [("source/null", DEVICE, "")],
    "a file behind a link": [("source/a", SYM, ".."), ("source/a/b", REG, b"x")],
    "a link behind a link": [("source/a", SYM, ".."), ("source/a/b", SYM, "x")],
    "one path twice": [("source/a", REG, b"x"), ("source/a", REG, b"y")],
}


@pytest.mark.parametrize("what", HOSTILE)
def test_unpacking__a_hostile_tar_is_refused_and_nothing_is_outside(
    what: str, tmp_path: Path
) -> None:
    (tmp_path / "room").mkdir()
    with pytest.raises(Unsafe):
        unpack_tar(pack(tmp_path / "x.tar.gz", *HOSTILE[what]), tmp_path / "room", "source")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["room", "x.tar.gz"]


def test_unpacking__files_links_and_modes_come_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    file = pack(tmp_path / "x", ("a/b", REG, b"x"), ("c", SYM, "a/b"), ("./d", REG, b""))
    unpack_tar(file, tmp_path / "room", ALL)
    assert (tmp_path / "room/c").readlink() == Path("a/b")
    assert (tmp_path / "room/a/b").read_bytes() == b"x"
    assert (tmp_path / "room/d").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("limit", ["MOST_BYTES", "MOST_FILES", "MOST_TEXT"])
def test_unpacking__a_tar_beyond_a_limit_is_refused(
    limit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "room").mkdir()
    long = f"source/{'d' * 90}/" * 20 + "x"
    members = [("source/zeros", REG, bytes(5_000_000)), ("source/b", REG, b""), (long, REG, b"")]
    file = pack(tmp_path / "x.tar.gz", *members)
    assert file.stat().st_size < 50_000
    unpack_tar(file, tmp_path / "room", "source")
    (tmp_path / "other").mkdir()
    few = {"MOST_BYTES": 1_000_000, "MOST_FILES": 2, "MOST_TEXT": 1024}[limit]
    monkeypatch.setattr(unpacking, limit, few)
    with pytest.raises(Unsafe):
        unpack_tar(file, tmp_path / "other", "source")


def test_unpacking__a_sparse_file_that_claims_a_petabyte_is_refused(tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    with tarfile.open(tmp_path / "x", "w:gz", format=tarfile.PAX_FORMAT) as archive:
        member = tarfile.TarInfo("source/a")
        sparse = {"major": "1", "minor": "0", "name": "source/a", "realsize": str(1 << 50)}
        member.pax_headers = {f"GNU.sparse.{name}": value for name, value in sparse.items()}
        member.size = 512
        archive.addfile(member, io.BytesIO(b"1\n0\n0\n".ljust(512, b"\0")))
    with pytest.raises(Unsafe):
        unpack_tar(tmp_path / "x", tmp_path / "room", "source")


def test_unpacking__a_wheel_beyond_a_limit_is_refused_by_name(
    make_wheel: Callable[..., Pinned], index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel("odd", files={"odd.py": "", "odd-1.0.dist-info/entry_points.txt": "#" * 5000})
    wheel = index / "odd-1.0-py3-none-any.whl"
    assert (scripts_of(wheel), top_level_modules(wheel)) == ((), ("odd",))
    monkeypatch.setattr(unpacking, "MOST_TEXT", 4000)
    with pytest.raises(UserError, match=r"odd-1\.0-.*: this wheel is refused: .* 4000 are the m"):
        scripts_of(wheel)
    for limit in ("MOST_BYTES", "MOST_FILES"):
        with monkeypatch.context() as patch:
            patch.setattr(unpacking, limit, 3)
            with pytest.raises(UserError, match="this wheel is refused: it has more than"):
                top_level_modules(wheel)


def test_unpacking__what_is_no_wheel_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.whl").write_bytes(b"x")
    with pytest.raises(UserError, match="not a wheel"), open_wheel(tmp_path / "x.whl"):
        pass
    with zipfile.ZipFile(tmp_path / "y.whl", "w"):
        pass
    with open_wheel(tmp_path / "y.whl") as archive:
        assert archive.namelist() == []
