"""Every account that has keys is found, wherever sshd takes them from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from homeport.operations.bootstrap import ssh_accounts
from tests.support.fake_programs import Programs
from tests.support.real_shell import run

KEY = "ssh-ed25519 AAAA ann@desk\n"
USUAL = "authorizedkeysfile .ssh/authorized_keys .ssh/authorized_keys2"
Found = Callable[..., list[str]]
NONE = "trustedusercakeys none\nauthorizedkeyscommand none"


@pytest.fixture
def found(tmp_path: Path, programs: Programs) -> Found:
    """Return who has keys, by what sshd says of each user and where which text lies."""

    def found(sshd: str, files: dict[str, str], ends: str = "/bin/bash") -> list[str]:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        lines = [
            f"root:x:0:0::{tmp_path}/root:/bin/bash",
            f"www-data:x:33:33::{tmp_path}/www:/usr/sbin/nologin",
            f"ann:x:1000:1000::{tmp_path}/ann:{ends}",
            f"git:x:1001:1001::{tmp_path}/git:/usr/bin/git-shell",
        ]
        getent = "cat <<'END'\n" + "\n".join(lines) + "\nEND"
        body = sshd if sshd.startswith("case") else f"cat <<'END'\n{sshd}\nEND"
        script = ssh_accounts.with_keys().replace("/etc/ssh", f"{tmp_path}/etc/ssh")
        done = run(f"set -eu\n{script}", path=programs(sshd=body, getent=getent))
        assert (done.returncode, done.stderr) == (0, b"")
        return [line.removeprefix("keys\t") for line in done.stdout.decode().splitlines()]

    return found


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        "# mine\n\n" + KEY,
        f'restrict,command="borg serve" {KEY}',
        "ecdsa-sha2-nistp256 AAAA",
        "sk-ssh-ed25519@openssh.com AAAA",
        "cert-authority,principals=ann ssh-rsa AAAA",
    ],
)
def test_an_account_with_a_key_of_any_kind_is_found(found: Found, text: str) -> None:
    assert found(f"{USUAL}\n{NONE}", {"ann/.ssh/authorized_keys": text}) == ["ann"]
    assert found(f"{USUAL}\n{NONE}", {"git/.ssh/authorized_keys2": text}) == ["ann", "git"]


@pytest.mark.parametrize("text", ["", "# ssh-ed25519 AAAA\n", "\n\n"])
def test_a_file_without_a_key_lets_no_account_in(found: Found, text: str) -> None:
    assert found(f"{USUAL}\n{NONE}", {"ann/.ssh/authorized_keys": text}) == []


def test_keys_are_found_where_sshd_takes_them_from(found: Found, tmp_path: Path) -> None:
    central = f"authorizedkeysfile {tmp_path}/keys/%u %h/mine\n{NONE}"
    assert found(central, {"keys/www-data": KEY, "git/mine": KEY}) == ["www-data", "git"]


def test_a_match_has_sshd_asked_for_each_account(found: Found, tmp_path: Path, log: Path) -> None:
    sshd = f"""case "$*" in
      *user=git,*) echo "authorizedkeysfile {tmp_path}/keys/%u" ;;
      *) echo "authorizedkeysfile none" ;;
    esac\n"""
    (tmp_path / "etc/ssh").mkdir(parents=True)
    (tmp_path / "etc/ssh/sshd_config").write_text("  match User git\n")
    assert found(sshd, {"keys/git": KEY, "keys/ann": KEY}) == ["git"]


@pytest.mark.parametrize(
    "authority", ["trustedusercakeys /etc/ssh/ca.pub", "authorizedkeyscommand /usr/bin/keys"]
)
def test_where_an_authority_or_a_command_gives_keys_each_person_counts(
    found: Found, authority: str
) -> None:
    assert found(f"{USUAL}\n{authority}", {}) == ["ann", "git"]
    assert found(f"{USUAL}\n{authority}", {}, ends="/usr/sbin/nologin") == ["git"]
