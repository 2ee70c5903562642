from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.errors import UserError
from lab import ssh
from lab.paths import Place, lab_id, place
from lab.state import Host, State, inventory_groups, load, read, require, write

HOSTS = {
    "laptop": Host("laptop", 2, "amd64", "amd64", "12", "root"),
    "pi": Host("pi", 3, "arm64", "amd64", "12", "deploy"),
    "cam": Host("cam", 4, "arm64", "arm64", "13", "deploy"),
    "web": Host("web", 5, "amd64", "amd64", "13", "root", "trixie-amd64-x"),
    "shed": Host("shed", 6, "amd64", "amd64", "12", "pi"),
}
STATE = State("10.77.9.0/24", HOSTS)


def a_place(directory: Path) -> Place:
    return Place("0a1b2c", directory)


def test_two_checkouts_and_two_labs_of_one_have_different_ids() -> None:
    ids = {lab_id(Path("/a")), lab_id(Path("/b")), lab_id(Path("/a"), "test")}
    assert len(ids) == 3
    assert all(len(one) == 6 and int(one, 16) >= 0 for one in ids)


def test_homeport_lab_names_another_lab(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("HOMEPORT_LAB", raising=False)
    first = place(Path("/a"))
    monkeypatch.setenv("HOMEPORT_LAB", "test")
    second = place(Path("/a"))
    assert first.directory == tmp_path / "homeport/lab" / first.id
    assert first.bridge != second.bridge


def test_names_fit_the_kernel(tmp_path: Path) -> None:
    where = a_place(tmp_path)
    assert len(where.bridge) <= 15
    assert len(f"{where.sockets}/{'x' * 40}.{'x' * 16}") < 104


def test_a_written_state_is_read_again(tmp_path: Path) -> None:
    where = a_place(tmp_path)
    write(where, STATE)
    assert read(where) == STATE
    assert [file.name for file in tmp_path.iterdir()] == ["state.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"hosts": {"a": {}}, "subnet": ""}', "3"])
def test_a_damaged_state_is_an_empty_one(tmp_path: Path, text: str) -> None:
    where = a_place(tmp_path)
    where.state_file.write_text(text)
    assert read(where) == State()


@given(
    st.dictionaries(
        st.text(min_size=1),
        st.builds(Host, *[st.text(), st.integers(2, 254), *[st.text()] * 5]),
    )
)
def test_any_state_survives_the_round_trip(hosts: dict[str, Host]) -> None:
    state = State("10.77.1.0/24", hosts)
    assert load(state.dump()) == state


def test_a_lab_that_is_down_and_an_unknown_host_are_mistakes(tmp_path: Path) -> None:
    where = a_place(tmp_path)
    with pytest.raises(UserError, match="python -m lab up"):
        require(where)
    write(where, STATE)
    assert require(where, "pi") == STATE
    with pytest.raises(UserError, match="cam, laptop, pi, shed, web"):
        require(where, "nobody")


def test_hosts_are_grouped_by_role_and_others_by_architecture() -> None:
    groups = inventory_groups(STATE, a_place(Path("/x")))
    names = {group: [name for name, _ in hosts] for group, hosts in groups.items()}
    assert names == {"laptop": ["laptop"], "staging": ["web"], "pi": ["cam", "pi", "shed"]}


def test_a_host_says_how_it_is_reached_and_what_it_really_is() -> None:
    groups = inventory_groups(STATE, a_place(Path("/x")))
    data = {name: data for hosts in groups.values() for name, data in hosts}
    assert data["pi"] == {
        "ssh_config_file": "/x/ssh_config",
        "ssh_hostname": "pi",
        "ssh_known_hosts_file": "/x/known_hosts",
        "ssh_strict_host_key_checking": "yes",
        "architecture": "amd64",
        "debian": "12",
        "allow_dirty": True,
        "_sudo": True,
    }
    assert "_sudo" not in data["laptop"]


def test_a_bare_host_says_who_can_log_in_and_who_deploys_later() -> None:
    groups = inventory_groups(STATE, a_place(Path("/x")))
    (data,) = (data for name, data in groups["pi"] if name == "shed")
    assert data["bare"] == {"user": "pi", "password": {"file": "/x/hosts/shed/password"}}
    assert (data["ssh_user"], data["_sudo"], data["hostname"]) == ("deploy", True, "shed")
    # What a bootstrap learns is not mixed with what the lab knows beforehand.
    assert data["ssh_known_hosts_file"] == "/x/pinned"


def test_the_ssh_config_shares_connections_and_pins_keys(tmp_path: Path) -> None:
    text = ssh.config(a_place(tmp_path / "with space"), STATE)
    block = text.partition("Host pi\n")[2].partition("\nHost ")[0]
    lines = {line.split()[0]: line.strip().partition(" ")[2] for line in block.splitlines() if line}
    assert lines["HostName"] == "10.77.9.3"
    assert lines["User"] == "deploy"
    assert lines["ControlPath"] == "/tmp/hp0a1b2c/%C"
    assert lines["StrictHostKeyChecking"] == "yes"
    assert lines["IdentityFile"] == f'"{tmp_path}/with space/key"'
    bare = text.partition("Host shed\n")[2]
    assert "User deploy" in bare
    assert "/with space/pinned" in bare


def test_known_hosts_name_every_host_twice() -> None:
    text = ssh.known_hosts(STATE, {"pi": "ssh-ed25519 AAAA a comment\n"})
    assert text == "pi,10.77.9.3 ssh-ed25519 AAAA\n"
