"""A host that isn't what was described is refused, before the first change, with every finding."""

from __future__ import annotations

import pytest

from homeport.engine.kind import DesiredState, PreconditionError, ProbeOutput
from homeport.engine.run import current_host
from homeport.operations.platform import kind, probe
from homeport.operations.platform.resources import LocalPlatform
from tests.support.fake_programs import Programs
from tests.support.host_facts import GOOD, PI
from tests.support.host_folders import Fleet
from tests.support.real_shell import run


def read(text: str) -> dict[str, list[str]]:
    return probe.parse(ProbeOutput(text, ""))


LAPTOP = DesiredState("shop", (LocalPlatform("3.12", "/usr/bin/python3.12", ("sqlite3", "libx")),))


BARE = {"architecture": [], "debian": ["arch"], "systemd": [], "user": ["1000"]}


def test_platform__a_host_that_is_as_described_is_taken() -> None:
    assert kind.diff(PI, GOOD) == []
    assert kind.diff(PI, {**GOOD, "systemd": ["257"]}) == []


@pytest.mark.parametrize(
    ("fact", "words", "message"),
    [
        ("architecture", ["armhf"], r"32-bit.*armhf.*install a 64-bit one"),
        ("architecture", ["amd64"], r'it is amd64, but .* arm64; set architecture = "amd64"'),
        ("architecture", [], "it is not a Debian"),
        ("debian", ["debian", "13"], r'debian 13, but .* Debian 12; set debian = "13"'),
        ("debian", ["debian"], "it runs debian, but group_data says Debian 12"),
        ("debian", ["ubuntu", "12"], "it runs ubuntu 12, but group_data says Debian 12"),
        ("debian", ["raspbian", "12"], "it runs raspbian 12"),
        ("systemd", ["247"], "its systemd is 247, and 252 is the oldest supported"),
        ("systemd", ["251"], "its systemd is 251"),
        ("systemd", [], "its systemd is none"),
        ("user", ["1000"], "need root; set _sudo = True"),
    ],
)
def test_platform__a_host_that_is_not_as_described_is_refused(
    fact: str, words: list[str], message: str
) -> None:
    with pytest.raises(PreconditionError, match=message):
        kind.diff(PI, {**GOOD, fact: words})


def test_platform__all_findings_are_told_at_once() -> None:
    found = {
        "architecture": ["armhf"],
        "debian": ["raspbian", "11"],
        "systemd": ["247"],
        "user": ["1000"],
    }
    with pytest.raises(PreconditionError) as caught:
        kind.diff(PI, found)
    assert str(caught.value).count("; ") >= 3
    for word in ("armhf", "raspbian 11", "247", "root"):
        assert word in str(caught.value)


def test_platform__a_32_bit_userland_is_not_offered_as_an_architecture() -> None:
    with pytest.raises(PreconditionError) as caught:
        kind.diff(PI, {**GOOD, "architecture": ["armhf"]})
    assert "set architecture" not in str(caught.value)


def test_platform__a_host_without_dpkg_or_systemd_is_refused_and_not_misread(
    programs: Programs,
) -> None:
    path = programs(dpkg="exit 127", systemctl="exit 127", id="echo 0")
    done = run(f"set -eu\n{probe.probe(PI, '')}", path=path)
    assert done.returncode == 0
    with pytest.raises(PreconditionError, match=r"it is not a Debian.*its systemd is none"):
        kind.diff(PI, read(done.stdout.decode()))


def test_platform__a_host_is_never_changed() -> None:
    assert kind.KIND.apply is None


def test_platform__one_machine_by_two_names_is_refused_the_second_time_and_a_copy_of_it_is_not(
    fleet: Fleet,
) -> None:
    fleet.start("a", "b", "c")
    refused = []

    def probe() -> None:
        name = current_host().name
        booted = "boot-2" if name == "@fake/c" else "boot-1"
        for _ in range(2):  # a host is looked at more than once, and is still itself
            try:
                kind.prepare([], {**GOOD, "machine": ["5e1f", booted]})
            except PreconditionError as refusal:
                refused.append((name, str(refusal)))
        kind.prepare([], GOOD)  # a host that doesn't say is not taken for any other

    fleet.on_each(probe)
    message = "it is the same machine as @fake/a; keep one of the two names"
    assert refused == [("@fake/b", message)] * 2


def test_platform__a_laptop_needs_no_root_no_systemd_and_no_release_in_particular() -> None:
    assert kind.diff(LAPTOP, {**BARE, "dpkg": ["installed:sqlite3", "installed:libx"]}) == []
    bare = DesiredState("shop", (LocalPlatform("3.12", "/opt/bin/python3.12"),))
    assert kind.diff(bare, BARE) == []


def test_platform__all_that_a_laptop_lacks_is_told_at_once_with_its_mend() -> None:
    here = DesiredState("shop", (LocalPlatform("3.12", "", ("sqlite3", "libx"), git=""),))
    with pytest.raises(PreconditionError) as caught:
        kind.diff(here, {**BARE, "dpkg": ["installed:libx", "config-files:sqlite3"]})
    for message in (
        "no Python 3.12",
        "uv python install 3.12",
        "no git",
        "apt-get install sqlite3",
    ):
        assert message in str(caught.value)
    assert "libx" not in str(caught.value)


def test_platform__a_laptop_without_dpkg_is_told_which_packages_nobody_can_look_for() -> None:
    expected = r"sqlite3, libx; .* app = \{\"apt_packages\": \[\]\}"
    with pytest.raises(PreconditionError, match=expected):
        kind.diff(LAPTOP, BARE)


def test_platform__a_laptop_is_asked_for_packages_as_dpkg_knows_them(programs: Programs) -> None:
    shown = "echo 'installed:sqlite3 config-files:libx '; exit 1"
    path = programs(dpkg_query=shown, systemctl="exit 127")
    done = run(f"set -eu\n{probe.probe(LAPTOP, '')}", path=path)
    assert (done.returncode, done.stderr) == (0, b"")
    with pytest.raises(PreconditionError, match="apt-get install libx`"):
        kind.diff(LAPTOP, read(done.stdout.decode()))


def test_platform__a_laptop_is_told_the_name_of_a_package_that_its_release_calls_otherwise(
    programs: Programs,
) -> None:
    provided = (
        "case $* in *policy*) printf 'libx:\\n  Candidate: 1\\n' ;;"
        " *showpkg*) printf 'Package: sqlite3\\nReverse Provides: \\nsqlite4 1 (= )\\n' ;; esac"
    )
    path = programs(dpkg_query="exit 1", apt_cache=provided, systemctl="exit 127")
    done = run(f"set -eu\n{kind.probe(LAPTOP, '')}", path=path)
    assert done.returncode == 0, done.stderr
    with pytest.raises(PreconditionError) as refused:
        kind.diff(LAPTOP, {**BARE, **read(done.stdout.decode())})
    assert "sqlite3 is provided by sqlite4 on this Debian; name that" in str(refused.value)
    assert "it lacks Debian packages: `sudo apt-get install libx`" in str(refused.value)
