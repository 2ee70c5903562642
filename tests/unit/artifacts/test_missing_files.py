"""What artifacts.missing_files promises: code that isn't there is missed before a deploy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from homeport.artifacts import build_artifact, git_tree
from homeport.errors import UserError

Git = Callable[..., str]
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 12345\n"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def shop(tmp_path: Path, git: Git) -> Path:
    """A repository with a submodule, which is not fetched, and a pointer of Git LFS."""
    other, root = tmp_path / "other", tmp_path / "shop"
    for folder in (other, root):
        folder.mkdir()
        (folder / "lib.py").write_text("")
        git(folder, "init", "--quiet", "--initial-branch=main")
    git(other, "add", ".")
    git(other, "commit", "--quiet", "-m", "first")
    (root / "model.onnx").write_text(POINTER)
    add = ("submodule", "--quiet", "add", str(other), "vendored")
    git(root, "-c", "protocol.file.allow=always", *add)
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "first")
    git(root, "submodule", "--quiet", "deinit", "--force", "vendored")
    return root


def refused(tree: Path, cache: Path, *exclude: str, include: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(UserError) as caught:
        build_artifact(tree, exclude, cache, include=include)
    return [line.removeprefix(f"{tree}/") for line in str(caught.value).splitlines()]


def test_missing_files__of_a_checkout_are_named_with_the_command_that_gets_them(
    shop: Path, cache: Path
) -> None:
    submodule, pointer = refused(shop, cache)
    assert submodule.startswith("vendored: is a submodule that isn't fetched. Fix: run `git subm")
    assert pointer.startswith("model.onnx: is a pointer of Git LFS, and not the file itself. Fix: ")
    assert "git lfs pull" in pointer
    assert build_artifact(shop, ["vendored", "*.onnx"], cache).modules == ("lib",)


def test_missing_files__of_a_commit_are_named_too(shop: Path, cache: Path) -> None:
    tree = git_tree(f"file://{shop}", "main", cache)
    submodule, pointer = refused(tree, cache)
    assert submodule.startswith("vendored: is a submodule that isn't fetched. Fix: deploy a check")
    assert pointer.startswith("model.onnx: is a pointer of Git LFS")
    assert build_artifact(tree, ["vendored", "model.onnx"], cache).modules == ("lib",)


def test_missing_files__without_a_repository_its_list_of_submodules_counts(
    tmp_path: Path, cache: Path
) -> None:
    tree = tmp_path / "downloaded"
    (tree / "vendored").mkdir(parents=True)
    (tree / "a.py").touch()
    (tree / ".gitmodules").write_text('[submodule "v"]\n\tpath = vendored\n\turl = x\n')
    assert refused(tree, cache)[0].startswith("vendored: is a submodule that isn't fetched")
    (tree / "vendored/lib.py").touch()
    assert build_artifact(tree, cache=cache).modules == ("a",)


def test_missing_files__a_sparse_checkout_is_refused(shop: Path, cache: Path, git: Git) -> None:
    git(shop, "sparse-checkout", "set", "--no-cone", "/model.onnx")
    lines = refused(shop, cache, "vendored", "model.onnx", ".gitmodules")
    assert lines[0].startswith("lib.py: isn't here, since this is a sparse checkout. Fix: run `git")


@pytest.mark.parametrize("pattern", ["static/built.css", "*.css", "wsgi.py"])
def test_missing_files__an_included_pattern_that_fits_nothing_is_refused(
    pattern: str, shop: Path, cache: Path
) -> None:
    (line,) = refused(shop, cache, "vendored", "model.onnx", include=(pattern,))
    assert f"source.include names {pattern}, and no file that ships has this name" in line
