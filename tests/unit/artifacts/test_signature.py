"""What artifacts.signature promises: what an allowed key signed, to the byte, or a refusal."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from homeport.artifacts.signature import NAMESPACE, sign, signature_of, verify
from homeport.errors import UserError


def make_key(path: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


@pytest.fixture
def build(tmp_path: Path) -> Path:
    file = tmp_path / "shop.tar.gz"
    file.write_bytes(b"a build")
    return file


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return make_key(tmp_path / "key")


@pytest.fixture
def signers(tmp_path: Path, key: Path) -> Path:
    file = tmp_path / "allowed_signers"
    file.write_text(f"build@example.org {key.with_suffix('.pub').read_text()}")
    return file


def test_signature__what_an_allowed_key_signed_is_verified_by_name(
    build: Path, key: Path, signers: Path
) -> None:
    assert sign(build, key) == signature_of(build) == build.with_name("shop.tar.gz.sig")
    assert verify(build, build, signers) == "build@example.org"
    build.write_bytes(b"another build")
    sign(build, key)
    assert verify(build, build, signers) == "build@example.org"


def test_signature__without_one_it_is_refused(build: Path, signers: Path) -> None:
    with pytest.raises(UserError, match=r"not signed: there is no shop\.tar\.gz\.sig\. Fix: sign"):
        verify(build, build, signers)


def test_signature__of_other_contents_is_refused(build: Path, key: Path, signers: Path) -> None:
    sign(build, key)
    build.write_bytes(b"a build?")
    with pytest.raises(UserError, match="is not what was signed"):
        verify(build, build, signers)


@pytest.mark.parametrize("text", ["", "no signature\n"])
def test_signature__that_is_none_is_refused(text: str, build: Path, signers: Path) -> None:
    signature_of(build).write_text(text)
    with pytest.raises(UserError, match="its signature is of no key in"):
        verify(build, build, signers)


def test_signature__of_a_key_that_is_not_allowed_is_refused(
    build: Path, signers: Path, tmp_path: Path
) -> None:
    sign(build, make_key(tmp_path / "other"))
    with pytest.raises(UserError, match="its signature is of no key in"):
        verify(build, build, signers)


def test_signature__for_another_purpose_is_refused(build: Path, key: Path, signers: Path) -> None:
    subprocess.run(["ssh-keygen", "-Y", "sign", "-q", "-f", key, "-n", "git", build], check=True)
    with pytest.raises(UserError, match="is not what was signed"):
        verify(build, build, signers)


def test_signature__of_a_key_whose_time_is_over_is_refused(
    build: Path, key: Path, signers: Path
) -> None:
    sign(build, key)
    public = key.with_suffix(".pub").read_text()
    signers.write_text(f'a valid-before="20200101" {public}b namespaces="git" {public}')
    with pytest.raises(UserError, match=r"of no key in|not what was signed"):
        verify(build, build, signers)
    signers.write_text(f'a namespaces="{NAMESPACE}" {public}')
    assert verify(build, build, signers) == "a"


def test_signature__keys_that_are_not_there_are_named(
    build: Path, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UserError, match="nowhere: the signing key can't be used: "):
        sign(build, tmp_path / "nowhere")
    with pytest.raises(UserError, match="there is no such file of allowed signers"):
        verify(build, build, tmp_path / "nowhere")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("ssh-keygen") is None
    with pytest.raises(UserError, match="ssh-keygen isn't installed"):
        sign(build, key)
