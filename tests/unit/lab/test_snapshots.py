import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from homeport.errors import UserError
from lab import base, hosts, machine, snapshots, state
from lab.paths import Place, place
from lab.state import Host, State

STAGING = Host("staging", 2, "amd64", "amd64", "12", "deploy", base="bookworm")
PI = Host("pi", 3, "arm64", "arm64", "12", "deploy", base="bookworm-arm64")
BARE = Host("bare", 4, "amd64", "amd64", "12", "pi", base="bookworm")


@pytest.fixture
def where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Place:
    """Return a lab with three hosts that don't run, and nobody's privileges to start them."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("lab.privilege.is_root", lambda: True)
    found = place()
    for host in (STAGING, PI, BARE):
        (found.host(host.name) / "upper").mkdir(parents=True)
    state.write(found, State("10.77.9.0/24", {host.name: host for host in (STAGING, PI, BARE)}))
    return found


@pytest.fixture
def relaid(monkeypatch: pytest.MonkeyPatch) -> list[Host]:
    """Return the hosts that were booted over something else."""
    found: list[Host] = []
    monkeypatch.setattr(hosts, "relay", lambda where, host: found.append(host))
    return found


def test_a_snapshot_has_what_is_on_the_host_and_a_host_is_laid_over_it(
    where: Place, relaid: list[Host]
) -> None:
    (where.host("staging") / "upper/file").write_text("theirs")
    snapshots.snapshot("staging", "one")
    (where.host("staging") / "upper/file").write_text("later")
    assert (where.snapshot("one") / "layer/file").read_text() == "theirs"
    snapshots.restore("staging", "one")
    (host,) = relaid
    assert (host.name, host.number, host.base) == ("staging", 2, "bookworm")
    assert host.layers == ("one",)


def test_a_snapshot_of_a_host_that_is_over_another_is_laid_over_both(
    where: Place, relaid: list[Host]
) -> None:
    snapshots.snapshot("staging", "one")
    snapshots.restore("staging", "one")
    state.write(where, State("10.77.9.0/24", {"staging": relaid[0]}))
    snapshots.snapshot("staging", "two")
    assert snapshots.read(where, "two").layers == ("two", "one")


def test_a_host_is_mounted_over_its_snapshots_the_newest_first(
    where: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[list[str]] = []
    monkeypatch.setattr(machine, "output", lambda argv: lines.append(argv))
    machine.mount(where, Host(**{**asdict(STAGING), "layers": ("two", "one")}))
    (options,) = (word for word in lines[0] if word.startswith("lowerdir="))
    lower = options.partition(",")[0].removeprefix("lowerdir=").split(":")
    layers = [str(where.snapshot(label) / "layer") for label in ("two", "one")]
    assert lower == [*layers, str(base.bases() / "bookworm")]


@pytest.mark.parametrize("label", ["", "a:b", "a,b", "../x", "A", "-a", "a" * 41])
def test_a_label_that_could_not_be_mounted_is_refused(where: Place, label: str) -> None:
    with pytest.raises(UserError, match="not a label"):
        snapshots.snapshot("staging", label)
    assert not where.snapshots.exists()


def test_a_label_that_is_taken_is_refused_and_what_has_it_stays(where: Place) -> None:
    snapshots.snapshot("staging", "one")
    with pytest.raises(UserError, match="has a snapshot one already"):
        snapshots.snapshot("pi", "one")
    assert snapshots.read(where, "one").name == "staging"


def test_a_snapshot_that_died_halfway_is_none(where: Place) -> None:
    (where.snapshots / ".one.new/layer").mkdir(parents=True)
    with pytest.raises(UserError, match=r"no snapshot 'one'.*name one of: none"):
        snapshots.restore("staging", "one")
    snapshots.snapshot("staging", "one")
    assert [path.name for path in where.snapshots.iterdir()] == ["one"]


def test_a_host_is_never_made_what_a_host_unlike_it_was(where: Place, relaid: list[Host]) -> None:
    snapshots.snapshot("pi", "other")
    with pytest.raises(UserError, match=r"a host unlike staging \(arm64, Debian 12, deploy\)"):
        snapshots.restore("staging", "other")
    assert relaid == []


def test_a_clone_has_a_number_of_its_own_and_is_laid_over_the_snapshot(
    where: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "up", lambda specs: state.read(where))
    snapshots.snapshot("staging", "one")
    made = snapshots.clone("one", ["web", "two"]).hosts
    assert {name: made[name].number for name in ("web", "two")} == {"web": 5, "two": 6}
    assert all(made[name].layers == ("one",) for name in ("web", "two"))
    assert made["staging"] == STAGING


@pytest.mark.parametrize(
    ("source", "name", "why"),
    [("staging", "pi", "has a host pi already"), ("bare", "more", "is of a bare host")],
)
def test_what_can_not_be_a_clone_is_refused_and_nothing_is_made(
    where: Place, source: str, name: str, why: str
) -> None:
    snapshots.snapshot(source, "one")
    before = where.state_file.read_text()
    with pytest.raises(UserError, match=why):
        snapshots.clone("one", ["web", name])
    assert where.state_file.read_text() == before


@pytest.fixture
def group(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Yield the control group of a host, as the kernel has it."""
    found = tmp_path / "group"
    found.mkdir()
    monkeypatch.setattr(machine, "_group", lambda name: found)
    (found / "cgroup.freeze").write_text("0")
    (found / "cgroup.events").symlink_to(found / "events")
    yield found


def test_a_host_is_thawed_even_when_the_copy_fails(
    where: Place, group: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "FREEZE_SECONDS", 0.0)
    (group / "events").write_text("populated 1\nfrozen 1\n")
    with pytest.raises(UserError, match="does not freeze"), machine.frozen(where, "staging"):
        assert (group / "cgroup.freeze").read_text() == "1"
        raise OSError("no room")
    assert (group / "cgroup.freeze").read_text() == "0"


def test_a_state_of_before_there_were_snapshots_is_read(where: Place) -> None:
    old = {name: item for name, item in asdict(STAGING).items() if name != "layers"}
    assert state.host(json.loads(json.dumps(old))) == STAGING
