"""Configuration files: checked by the application before they are in place, or not placed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from homeport.engine.kind import DesiredState, ProbeOutput
from homeport.engine.sandbox import Sandbox
from homeport.files import managed_set
from homeport.files.entries import MASK, Directory, File
from homeport.operations import config_files
from homeport.operations.config_files import FILE, CheckRunner, ConfigFile, ConfigFilesState
from tests.support.fake_programs import Programs
from tests.support.host_shells import LIBRARY
from tests.support.real_delivery import as_root, run_command
from tests.support.real_shell import SHELLS, checked, is_shell

pytestmark = as_root

RUN_CONFINED = Path(__file__).parents[3] / "templates/host_programs/run-confined"
Probe = Callable[..., ConfigFilesState]
Describe = Callable[..., DesiredState]
# Judges a file as an application would: what isn't a number is wrong.
SYSTEMD_RUN = """
for file; do case "$file" in /*/conf) ;; *) false ;; esac && break; done
case $(cat "$file") in *[!0-9]*) echo "not a number: $(cat "$file")"; exit 3 ;; esac
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(
        managed_set, "ledger_path", lambda app, name: f"{tmp_path}/var/{app}/{name}"
    )
    (tmp_path / "secrets").write_text('TOKEN="hunter22"\n')
    return tmp_path


@pytest.fixture
def describe(place: Path) -> Describe:
    """Describe the file conf with this content, and one beside it that nobody checks."""
    properties = ("User=daemon", "StateDirectory=a b")
    sandbox = Sandbox(
        *("check-shop", str(RUN_CONFINED), "/srv/shop/bin/run", f"{place}/secrets"),
        *(properties, LIBRARY),
    )
    checker = CheckRunner(f"{place}/release", f"{place}/current", sandbox)

    def describe(content: bytes, secret: bool = False) -> DesiredState:
        mode = "440" if secret else "640"
        file = File(f"{place}/config/conf", content, mode, group="daemon", secret=secret)
        return DesiredState(
            "shop",
            (
                ConfigFile(Directory(f"{place}/config", "750", group="daemon")),
                ConfigFile(file, ("judge", f"--file={FILE}", FILE, "$HOME"), checker),
                ConfigFile(File(f"{place}/config/other", b"x", "640", group="daemon")),
            ),
        )

    return describe


@pytest.fixture
def host(programs: Programs) -> str:
    return programs(systemd_run=SYSTEMD_RUN)


def probe(description: DesiredState, shell: Sequence[str] = ("sh",)) -> ConfigFilesState:
    return config_files.parse(
        ProbeOutput(checked(config_files.probe(description, "key"), shell), "key")
    )


def deploy(
    description: DesiredState, host: str, shell: Sequence[str] = ("sh",)
) -> tuple[int, str, list[str]]:
    found = probe(description, shell)
    changes = config_files.diff(description, found)
    if not changes:
        return 0, "", []
    (command,) = config_files.apply(description, found, changes)
    is_shell(command.get_raw_value(), shell)
    done = run_command(command, shell, host)
    return done.returncode, done.stderr, [change.target.name for change in changes]


@pytest.mark.parametrize("shell", SHELLS)
def test_file_that_its_check_accepts_is_put_in_place(
    shell: Sequence[str], place: Path, describe: Describe, host: str, log: Path
) -> None:
    code, output, _ = deploy(describe(b"12"), host, shell)
    assert (code, output) == (0, "")
    assert (place / "config/conf").read_bytes() == b"12"
    assert (place / "config/conf").stat().st_mode & 0o777 == 0o640
    staged = f"{place}/config/.homeport-stage/conf"
    (call,) = log.read_text().splitlines()
    assert call.startswith("systemd-run --quiet --wait --pipe --collect --service-type=exec ")
    assert " --property=RuntimeMaxSec=120 --property=User=daemon " in call
    assert call.endswith(
        f" --property=StateDirectory=a b --setenv=HOMEPORT_RELEASE={place}/release "
        f"/srv/shop/bin/run judge --file={staged} {staged} $$HOME"
    )
    (place / "current").symlink_to(f"{place}/release")
    assert config_files.diff(describe(b"12"), probe(describe(b"12"), shell)) == []


@pytest.mark.parametrize("shell", SHELLS)
def test_file_that_its_check_refuses_changes_nothing_and_says_why(
    shell: Sequence[str], place: Path, describe: Describe, host: str
) -> None:
    deploy(describe(b"12"), host, shell)
    before = {path: path.stat().st_mtime_ns for path in (place / "config").iterdir()}
    code, output, _ = deploy(describe(b"1x hunter22"), host, shell)
    assert code != 0
    assert (
        "config/conf is not accepted by its check, so nothing was switched (exit code 3 " in output
    )
    assert "not a number: 1x (TOKEN)" in output
    assert "hunter22" not in output
    assert {path: path.stat().st_mtime_ns for path in (place / "config").iterdir()} == before


def test_config_files__the_one_who_checks_reaches_the_staged_file_and_others_do_not(
    place: Path, describe: Describe, programs: Programs
) -> None:
    stat = f"stat -c '%a %U:%G %n' {place}/config/.homeport-stage >{place}/seen"
    code, _, _ = deploy(describe(b"12"), programs(systemd_run=stat))
    assert code == 0
    assert (place / "seen").read_text().startswith("710 root:daemon ")


def test_file_is_checked_again_when_another_release_is_about_to_start(
    place: Path, describe: Describe, host: str, log: Path
) -> None:
    description = describe(b"12")
    deploy(description, host)
    (place / "current").symlink_to(f"{place}/older")
    log.write_text("")
    (change,) = config_files.diff(description, probe(description))
    assert (change.target.name, change.reason) == (
        f"{place}/config/conf",
        "checked with the new release",
    )
    code, _, _ = deploy(description, host)
    assert code == 0
    (call,) = log.read_text().splitlines()
    assert call.endswith(f"judge --file={place}/config/conf {place}/config/conf $$HOME")


def test_config_files__a_check_that_the_new_release_fails_ends_the_deploy(
    place: Path, describe: Describe, host: str, programs: Programs
) -> None:
    deploy(describe(b"12"), host)
    (place / "current").symlink_to(f"{place}/older")
    code, output, _ = deploy(describe(b"12"), programs(systemd_run="echo too old; exit 1"))
    assert code != 0
    assert "too old" in output
    # Together with a file that changes, the one that doesn't is checked too.
    description = describe(b"12")
    other = ConfigFile(File(f"{place}/config/other", b"y", "640", group="daemon"))
    changed = replace(description, resources=(*description.resources[:-1], other))
    code, output, targets = deploy(changed, host)
    assert code != 0
    assert targets == [f"{place}/config/other", f"{place}/config/conf"]
    assert (place / "config/other").read_bytes() == b"x"


def test_config_files__what_leaves_the_description_leaves_the_host_with_its_folder(
    place: Path, describe: Describe, host: str
) -> None:
    deploy(describe(b"12"), host)
    code, _, _ = deploy(DesiredState("shop", ()), host)
    assert code == 0
    assert not (place / "config").exists()
    assert probe(DesiredState("shop", ())).files.ledger == ()


def test_config_files__a_secret_is_shown_in_no_plan_even_when_it_no_longer_is_one(
    place: Path, describe: Describe, host: str
) -> None:
    first = config_files.diff(
        describe(b"9182736450", secret=True), probe(describe(b"hunter22", secret=True))
    )
    assert (MASK,) in [change.diff for change in first]
    deploy(describe(b"9182736450", secret=True), host)
    assert (place / "config/conf").stat().st_mode & 0o777 == 0o440
    plan = config_files.diff(describe(b"4"), probe(describe(b"4")))
    assert "9182736450" not in str(plan)
    deploy(describe(b"4"), host)
    (change, *_) = config_files.diff(describe(b"56"), probe(describe(b"56")))
    assert "-4" in change.diff
