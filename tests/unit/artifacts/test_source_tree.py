"""What artifacts.source_tree promises."""

from __future__ import annotations

import os
import stat
import tarfile
from pathlib import Path

import pytest

from homeport.artifacts import build_artifact
from homeport.errors import UserError
from tests.support.code_tree import cache, tree

__all__ = ["cache", "tree"]


def _names(path: Path) -> list[str]:
    with tarfile.open(path) as archive:
        return archive.getnames()


def test_source_tree__secrets_caches_and_history_never_leave_the_controller(
    tree: Path, cache: Path
) -> None:
    clean = build_artifact(tree, cache=cache)
    for name in (".env", ".env.local", "shop/.env", "x.pyc", ".DS_Store", ".wsgi.py.swp"):
        (tree / name).write_text("secret")
    for name in (".git", ".venv", "venv", "node_modules", "shop/__pycache__", "shop.egg-info"):
        (tree / name).mkdir()
        (tree / name / "inside").write_text("secret")
    assert build_artifact(tree, cache=cache).id == clean.id


def test_source_tree__exclude_takes_names_anywhere_and_paths_from_the_root(
    tree: Path, cache: Path
) -> None:
    for name in ("data/big.bin", "shop/data/small.json", "notes.md", "shop/notes.md"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).touch()
    artifact = build_artifact(tree, ["/data", "*.md"], cache)
    assert [name for name in _names(artifact.path) if "data" in name or "notes" in name] == [
        "shop/data",
        "shop/data/small.json",
    ]


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside", "shop/../../shop/wsgi.py"])
def test_source_tree__a_link_out_of_the_tree_is_refused(
    tree: Path, cache: Path, target: str
) -> None:
    (tree / "link").symlink_to(target)
    with pytest.raises(UserError, match="shop/link: is a link that points outside the tree"):
        build_artifact(tree, cache=cache)


def test_source_tree__an_absolute_link_is_refused_even_to_the_tree_itself(
    tree: Path, cache: Path
) -> None:
    (tree / "link").symlink_to(tree / "wsgi.py")
    with pytest.raises(UserError, match="shop/link: is a link that points outside the tree"):
        build_artifact(tree, cache=cache)


def test_source_tree__a_link_that_leaves_through_another_link_is_refused(
    tree: Path, cache: Path
) -> None:
    (tree / "shop" / "top").symlink_to("..")
    (tree / "link").symlink_to("shop/top/../outside")
    with pytest.raises(UserError, match="shop/link: is a link that points outside the tree"):
        build_artifact(tree, cache=cache)


def test_source_tree__a_link_to_what_is_not_deployed_is_refused(tree: Path, cache: Path) -> None:
    (tree / "node_modules").mkdir()
    (tree / "node_modules" / "site.js").touch()
    (tree / "site.js").symlink_to("node_modules/site.js")
    with pytest.raises(UserError, match=r"site\.js: is a link to node_modules/site.js, which"):
        build_artifact(tree, cache=cache)


def test_source_tree__links_within_the_tree_stay_links(tree: Path, cache: Path) -> None:
    (tree / "shop" / "main.py").symlink_to("../wsgi.py")
    (tree / "alias").symlink_to("shop")
    with tarfile.open(build_artifact(tree, cache=cache).path) as archive:
        links = {m.name: m.linkname for m in archive.getmembers() if m.issym()}
    assert links == {"shop/main.py": "../wsgi.py", "alias": "shop"}


@pytest.mark.parametrize("bit", [stat.S_ISUID, stat.S_ISGID])
def test_source_tree__a_setuid_file_is_refused(tree: Path, cache: Path, bit: int) -> None:
    (tree / "wsgi.py").chmod(0o755 | bit)
    with pytest.raises(UserError, match=r"wsgi\.py: is setuid or setgid"):
        build_artifact(tree, cache=cache)


def test_source_tree__a_pipe_is_refused(tree: Path, cache: Path) -> None:
    os.mkfifo(tree / "pipe")
    with pytest.raises(UserError, match="pipe: is a socket, a pipe or a device"):
        build_artifact(tree, cache=cache)


def test_source_tree__a_name_that_is_not_utf_8_is_refused_and_shown(
    tree: Path, cache: Path
) -> None:
    Path(os.fsdecode(os.fsencode(tree) + b"/caf\xe9.py")).touch()
    with pytest.raises(UserError, match=r"caf\\udce9\.py: has a name that isn't UTF-8"):
        build_artifact(tree, cache=cache)


def test_source_tree__a_name_of_two_lines_is_refused_in_one(tree: Path, cache: Path) -> None:
    (tree / "a\nb").touch()
    with pytest.raises(UserError, match=r"a\\nb: has a control character in its name"):
        build_artifact(tree, cache=cache)


def test_tree_with_nothing_to_deploy_is_refused(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "empty" / ".git").mkdir(parents=True)
    with pytest.raises(UserError, match="there are no files to deploy"):
        build_artifact(tmp_path / "empty", cache=cache)
    with pytest.raises(UserError, match="there is no such directory"):
        build_artifact(tmp_path / "nowhere", cache=cache)
