"""What artifacts.private_files promises: what is private ships if it is named, or not at all."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from homeport.artifacts import build_artifact
from homeport.errors import UserError
from tests.support.code_tree import cache, tree

__all__ = ["cache", "tree"]

KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n"
NAMES = (
    *("secrets/token", "shop/secrets/token", "Secrets/token", ".ssh/config", ".env", ".env.local"),
    *("shop/.ENV", "deploy/id_ed25519", "tls/server.key", "cert.p12", ".netrc", ".pgpass"),
)


def shipped(tree: Path, cache: Path, *include: str, exclude: tuple[str, ...] = ()) -> list[str]:
    artifact = build_artifact(tree, exclude, cache, include=include)
    with tarfile.open(artifact.path) as archive:
        return [member.name for member in archive if not member.isdir()]


def put(tree: Path, name: str, text: str = "x\n", mode: int = 0o644) -> None:
    (tree / name).parent.mkdir(parents=True, exist_ok=True)
    (tree / name).write_text(text)
    (tree / name).chmod(mode)


@pytest.mark.parametrize("name", NAMES)
def test_private_files__by_its_name_it_is_refused_until_it_is_excluded_or_named(
    name: str, tree: Path, cache: Path
) -> None:
    put(tree, name)
    with pytest.raises(UserError, match=rf"{tree}/.*: holds secrets, going by its name"):
        shipped(tree, cache)
    with pytest.raises(UserError, match="going by its name"):
        shipped(tree, cache, "*")
    assert name not in shipped(tree, cache, exclude=(name,))
    assert name in shipped(tree, cache, name)


@pytest.mark.parametrize("name", ["deploy.pem", "notes.txt", "shop/settings.py"])
def test_private_files__a_private_key_is_refused_whatever_its_name(
    name: str, tree: Path, cache: Path
) -> None:
    put(tree, name, f"# ours\n{KEY}")
    with pytest.raises(UserError, match=rf"{tree}/{name}: has a private key in it"):
        shipped(tree, cache, "shop")
    assert name not in shipped(tree, cache, exclude=(name,))
    assert name in shipped(tree, cache, name)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o604, 0o700])
def test_private_files__what_is_more_private_than_its_directory_is_refused(
    mode: int, tree: Path, cache: Path
) -> None:
    put(tree, "shop/data.json", mode=mode)
    with pytest.raises(UserError, match=r"shop/data\.json: is more private .*`chmod go\+r "):
        shipped(tree, cache)
    assert "shop/data.json" in shipped(tree, cache, "shop/data.json")
    (tree / "shop").chmod(0o700)
    with pytest.raises(UserError, match=rf"{tree}/shop: is more private than the directory"):
        shipped(tree, cache)
    tree.chmod(0o700)
    assert "shop/data.json" in shipped(tree, cache), "a whole tree may be its owner's alone"


def test_private_files__an_applications_own_directories_and_public_keys_ship(
    tree: Path, cache: Path
) -> None:
    names = ["templates/index.html", "tests/test_shop.py", "shop/secrets.py", "id_rsa.pub"]
    for name in names:
        put(tree, name)
    put(tree, "ca.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
    assert {*names, "ca.pem"} <= {*shipped(tree, cache)}


def test_private_files__each_is_named_in_a_line_of_its_own(tree: Path, cache: Path) -> None:
    put(tree, ".env")
    put(tree, "secrets/a")
    put(tree, "secrets/b")
    with pytest.raises(UserError) as refused:
        shipped(tree, cache)
    lines = str(refused.value).splitlines()
    assert [line.partition(":")[0].removeprefix(f"{tree}/") for line in lines] == [
        ".env",
        "secrets",
    ]
    assert all("exclude:" in line and "source.include" in line for line in lines)
