"""Every kind's probe: shell that any POSIX shell reads, read-only, for whatever is described."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from homeport.engine.kind import AnyKind, DesiredState, Target
from homeport.engine.probe_script import compose, parse
from homeport.operations import PHASES
from homeport.operations.bootstrap import BOOTSTRAP
from tests.support.fake_programs import Programs
from tests.support.real_shell import SHELLS, is_shell, run
from tests.support.sample_app import (
    BARE,
    CONFIG,
    EVERYTHING,
    MACHINE,
    NOTHING_AT_ALL,
    ONCE,
    RELEASE,
    SITE,
    VENV,
    WEB,
)

EVERY = dict.fromkeys((*PHASES, *BOOTSTRAP))
each_kind = pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.name)


@pytest.mark.parametrize("shell", SHELLS)
@each_kind
def test_a_probe_is_shell_whatever_is_described(kind: AnyKind, shell: Sequence[str]) -> None:
    for description in (NOTHING_AT_ALL, EVERYTHING, BARE):
        is_shell(kind.probe(description, "0123abcd"), shell)
        is_shell(compose({kind.name: kind.probe(description, "0123abcd")}, "ff"), shell)


SYSTEMCTL = """\
case "$*" in
  --version) echo "systemd 252 (252.39-1)" ;;
  *) for unit in "$@"; do
    case "$unit" in
      NeedDaemonReload*|Id,NeedDaemonReload*) state=NeedDaemonReload=no ;;
      Id,*) state=$(printf 'ActiveState=inactive\\nUnitFileState=\\nInvocationID=') ;;
      *.*) printf 'Id=%s\\n%s\\n\\n' "$unit" "$state" ;;
    esac
  done ;;
esac
"""


def probe_all(
    description: DesiredState,
    path: str,
    shell: Sequence[str] = ("sh",),
    phases: Sequence[AnyKind] = PHASES,
) -> Iterator[tuple[AnyKind, Any]]:
    """What is answered here, which stands for a host that has little of what is described."""
    probes = {kind.name: kind.probe(description, "key") for kind in phases}
    script = compose(probes, "ff").replace("export LC_ALL PATH", f"PATH={path}; export LC_ALL PATH")
    lines = run(script, shell).stdout.decode().splitlines()
    answers = parse(lines, list(probes), "ff", "key")
    for kind in phases:
        yield kind, kind.parse(answers[kind.name])


@pytest.mark.parametrize("shell", SHELLS)
def test_all_probes_run_in_one_script_and_every_answer_is_understood(
    shell: Sequence[str], programs: Programs
) -> None:
    path = programs(systemctl=SYSTEMCTL, dpkg="echo amd64", id="echo 0")
    described = DesiredState("shop", tuple(r for r in EVERYTHING.resources if r != MACHINE))
    pending: set[Target] = set()
    for kind, found in probe_all(described, path, shell):
        changes = kind.diff(described, found, frozenset(pending))
        pending.update(change.target for change in changes)
        assert {change.target.kind for change in changes} <= {kind.name}
        assert all(change.reason for change in changes)
    names = {target.name for target in pending}
    assert {"shop", "/srv/shop", "/etc/sec", VENV.path, RELEASE.path, WEB.unit} <= names
    assert {CONFIG.path, ONCE.unit, SITE.path, "nginx.service"} <= names


@pytest.mark.parametrize("phases", [PHASES, BOOTSTRAP], ids=["deploy", "bootstrap"])
def test_a_host_of_which_nothing_is_asked_has_nothing_to_do(
    programs: Programs, phases: Sequence[AnyKind]
) -> None:
    path = programs(systemctl=SYSTEMCTL, dpkg="echo amd64", id="echo 0")
    for kind, found in probe_all(NOTHING_AT_ALL, path, phases=phases):
        assert kind.diff(NOTHING_AT_ALL, found, frozenset()) == []


SHOWN = """\
if [ "$1" = show ]; then printf 'Id=a.timer\\nActiveState=inactive\\nUnitFileState=\\n'; fi
"""
SSHD = """\
printf 'permitrootlogin yes\\npasswordauthentication yes\\nkbdinteractiveauthentication no\\n'
echo "hostkey $HOSTKEY"
"""


@pytest.mark.parametrize("shell", SHELLS)
def test_a_bare_host_is_looked_at_in_one_script(
    shell: Sequence[str], programs: Programs, tmp_path: Path
) -> None:
    (tmp_path / "key.pub").write_text("ssh-ed25519 AAAA\n")
    path = programs(
        systemctl=SHOWN,
        sshd=SSHD.replace("$HOSTKEY", f"{tmp_path}/key"),
        lsblk="echo mmcblk0p2; echo mmcblk0",
        modprobe="",
        systemd_detect_virt="exit 1",
        dpkg="echo amd64",
        timedatectl="echo Etc/UTC",
        hostname="echo bare",
        findmnt="echo rw,relatime",
    )
    described = DesiredState("_host", tuple(r for r in BARE.resources if r != MACHINE))
    pending: set[Target] = set()
    for kind, found in probe_all(described, path, shell, BOOTSTRAP):
        changes = kind.diff(described, found, frozenset(pending))
        pending.update(change.target for change in changes)
        assert {change.target.kind for change in changes} <= {kind.name}
        assert all(change.reason for change in changes)
    names = {target.name for target in pending}
    assert {"/none/known_hosts", "deploy", "shed", "Europe/Berlin", "a.timer"} <= names
    assert "/etc/ssh/sshd_config.d/00-homeport.conf" in names
