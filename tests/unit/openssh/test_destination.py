"""A host as ssh has it: all that decides where a login goes is known before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.openssh.destination import Destination
from homeport.openssh.errors import HostError


def resolved(config: Path, **data: object) -> Destination:
    there = Destination("shed", {"ssh_config_file": str(config), **data}, 3)
    there.resolve()
    return there


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file, known = tmp_path / "config", tmp_path / "known"
    known.write_text("shelf ssh-ed25519 AAAA\n")
    file.write_text(
        "Host shed\n HostName 192.0.2.7\n User ann\n HostKeyAlias shelf\n"
        f" UserKnownHostsFile {known}\n"
    )
    return file


def test_destination__it_is_where_ssh_goes(config: Path) -> None:
    there = resolved(config, ssh_port=2222)
    assert (there.way.machine, there.way.port, there.way.user) == ("192.0.2.7", "2222", "ann")
    assert there.way.entry == "shelf"
    assert (there.seconds, there.persist) == (33.0, 0)


@pytest.mark.parametrize("value", ["", "ProxyJump gate", "ProxyCommand nc %h %p", "ProxyJump none"])
def test_destination__a_proxy_is_known(config: Path, value: str) -> None:
    config.write_text(f"{config.read_text()} {value}\n")
    assert resolved(config).has_proxy is (value not in ("", "ProxyJump none"))


def test_destination__another_setting_or_host_key_is_another(config: Path, tmp_path: Path) -> None:
    before = resolved(config).identity()
    assert resolved(config).identity() == before
    assert resolved(config, ssh_user="bob").identity() != before
    (tmp_path / "known").write_text("shelf ssh-ed25519 BBBB\n")
    assert resolved(config).identity() != before


@pytest.mark.parametrize(("value", "strict"), [(None, True), ("accept-new", False), ("no", False)])
def test_destination__only_what_ssh_would_ask_about_is_forbidden(
    config: Path, value: str | None, strict: bool
) -> None:
    there = resolved(config, ssh_strict_host_key_checking=value)
    assert there.strict == (["-o", "StrictHostKeyChecking=yes"] if strict else [])


def test_destination__a_file_that_ssh_cannot_read_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(HostError, match=r"ssh can't read its configuration|it can't be reached"):
        resolved(tmp_path / "none")
