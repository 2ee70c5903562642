"""What artifacts.source_tree promises."""

from __future__ import annotations

import os
import stat
import tarfile
from pathlib import Path

import pytest

from homeport.artifacts import build_artifact
from homeport.artifacts.source_tree import read_tree, walk_tree
from homeport.errors import UserError
from tests.support.code_tree import cache, tree

__all__ = ["cache", "tree"]


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


def test_source_tree__only_the_files_that_are_named_are_read(tree: Path) -> None:
    names = ("wsgi.py", "gone.py", "shop/__init__.py")
    assert [entry.path for entry in read_tree(tree, names)] == ["shop/__init__.py", "wsgi.py"]


def test_source_tree__a_file_behind_a_link_is_another_file(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/a.py").write_text("no code of this tree")
    (tree / "linked").symlink_to(tmp_path / "elsewhere")
    assert read_tree(tree, ["linked/a.py"]) == ()


def test_source_tree__a_walk_stops_where_it_is_stopped_and_follows_no_link(tree: Path) -> None:
    (tree / "alias").symlink_to("shop")
    found = walk_tree(tree, lambda path: path == "shop")
    assert sorted(found) == ["alias", "shop", "wsgi.py"]
