"""What lab.state promises."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.errors import UserError
from lab.state import Host, State, inventory_groups, load, read, require, write
from tests.support.lab_state import STATE, a_place


def test_state__a_written_state_is_read_again(tmp_path: Path) -> None:
    where = a_place(tmp_path)
    write(where, STATE)
    assert read(where) == STATE
    assert [file.name for file in tmp_path.iterdir()] == ["state.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"hosts": {"a": {}}, "subnet": ""}', "3"])
def test_state__a_damaged_state_is_an_empty_one(tmp_path: Path, text: str) -> None:
    where = a_place(tmp_path)
    where.state_file.write_text(text)
    assert read(where) == State()


@given(
    st.dictionaries(
        st.text(min_size=1),
        st.builds(Host, *[st.text(), st.integers(2, 254), *[st.text()] * 5]),
    )
)
def test_state_survives_the_round_trip(hosts: dict[str, Host]) -> None:
    state = State("10.77.1.0/24", hosts)
    assert load(state.dump()) == state


def test_state__a_lab_that_is_down_and_an_unknown_host_are_errors(tmp_path: Path) -> None:
    where = a_place(tmp_path)
    with pytest.raises(UserError, match="python -m lab up"):
        require(where)
    write(where, STATE)
    assert require(where, "pi") == STATE
    with pytest.raises(UserError, match="cam, laptop, pi, shed, web"):
        require(where, "nobody")


def test_state__hosts_are_grouped_by_role_and_others_by_architecture() -> None:
    groups = inventory_groups(STATE, a_place(Path("/x")))
    names = {group: [name for name, _ in hosts] for group, hosts in groups.items()}
    assert names == {
        "laptop": ["@openssh/laptop"],
        "staging": ["@openssh/web"],
        "pi": ["@openssh/cam", "@openssh/pi", "@openssh/shed"],
    }


def test_state__a_host_says_how_it_is_reached_and_what_it_really_is() -> None:
    groups = inventory_groups(STATE, a_place(Path("/x")))
    data = {name: data for hosts in groups.values() for name, data in hosts}
    assert data["@openssh/pi"] == {
        "ssh_config_file": "/x/ssh_config",
        "ssh_hostname": "pi",
        "ssh_known_hosts_file": "/x/known_hosts",
        "ssh_strict_host_key_checking": "yes",
        "architecture": "amd64",
        "debian": "12",
        "allow_dirty": True,
        "_sudo": True,
    }
    assert "_sudo" not in data["@openssh/laptop"]


def test_state__a_bare_host_says_who_can_log_in_and_who_deploys_later() -> None:
    groups = inventory_groups(STATE, a_place(Path("/x")))
    (data,) = (data for name, data in groups["pi"] if name == "@openssh/shed")
    assert data["bootstrap_login"] == {"user": "pi", "password": {"file": "/x/hosts/shed/password"}}
    assert (data["ssh_user"], data["_sudo"], data["hostname"]) == ("deploy", True, "shed")
    # What a bootstrap learns is not mixed with what the lab knows beforehand.
    assert data["ssh_known_hosts_file"] == "/x/pinned"
