"""A known_hosts file gets the keys of one host, and keeps everything else to the byte."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeport.ssh import known_hosts
from homeport.ssh.known_hosts import Pin, fingerprint, known, named, pins, revoked, with_keys

A, B, C = (f"ssh-ed25519 {letter * 4}" for letter in "ABC")
NAMES = st.sampled_from(["pi", "10.0.0.2", "[pi]:2222", "shed"])
KEYS = st.sampled_from([A, B, C])
LINES = st.one_of(
    st.builds(lambda names, key: f"{','.join(names)} {key}", st.lists(NAMES, min_size=1), KEYS),
    st.sampled_from(
        ["", "# a comment", f"@cert-authority * {A}", f"@revoked pi {B}", "odd", f"*.lan {C}"]
    ),
)
TEXTS = st.builds(
    lambda lines, end: "\n".join(lines) + end,
    st.lists(LINES, max_size=8),
    st.sampled_from(["", "\n"]),
)


@settings(deadline=None)  # ssh-keygen is a process
@given(TEXTS, NAMES, st.lists(KEYS, unique=True, max_size=3))
def test_host_has_the_keys_that_it_was_given_and_no_others(
    text: str, name: str, keys: list[str]
) -> None:
    after = with_keys(text, name, keys)
    assert {pin.key for pin in pins(after, name)} == set(keys)
    assert with_keys(after, name, keys) == after


@settings(deadline=None)  # ssh-keygen is a process
@given(TEXTS, NAMES, NAMES, st.lists(KEYS, unique=True, max_size=3))
def test_known_hosts__other_hosts_keep_their_keys(
    text: str, name: str, other: str, keys: list[str]
) -> None:
    if name != other:
        before = [pin.key for pin in pins(text, other)]
        assert [pin.key for pin in pins(with_keys(text, name, keys), other)] == before


@settings(deadline=None)  # ssh-keygen is a process
@given(TEXTS, NAMES, KEYS)
def test_known_hosts__lines_that_name_no_host_of_ours_stay_to_the_byte(
    text: str, name: str, key: str
) -> None:
    after = with_keys(text, name, [key]).splitlines()
    for line in text.splitlines():
        words = line.split()
        if len(words) < 3 or name not in words[0].split(",") or line.startswith("@"):
            assert line in after


def test_known_hosts__a_pin_says_its_line() -> None:
    text = f"# mine\n\nshed {A}\npi,10.0.0.2 {B} a comment\n"
    assert pins(text, "pi") == [Pin(4, B)]
    assert pins(text, "10.0.0.2") == [Pin(4, B)]
    assert pins(text, "p") == []


@pytest.mark.parametrize("odd", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\r"])
def test_known_hosts__only_a_newline_ends_a_line(odd: str) -> None:
    text = f"# a{odd}b\nshed {A}\npi {B}\n"
    assert pins(text, "pi") == [Pin(3, B)]
    assert with_keys(text, "pi", [A]) == f"# a{odd}b\nshed {A}\npi {A}\n"


def test_known_hosts__a_line_for_two_hosts_stays_for_the_other() -> None:
    assert with_keys(f"pi,shed {A}", "pi", [B]) == f"shed {A}\npi {B}\n"


def test_known_hosts__a_port_of_its_own_is_part_of_the_name() -> None:
    assert named("pi", 22) == "pi"
    assert named("pi", 2222) == "[pi]:2222"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    made = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", made], check=True)
    return tmp_path / "key.pub"


def test_known_hosts__a_fingerprint_is_what_ssh_keygen_says(key: Path) -> None:
    result = subprocess.run(["ssh-keygen", "-lf", key], capture_output=True, text=True, check=True)
    assert fingerprint(" ".join(key.read_text().split()[:2])) == result.stdout.split()[1]


@pytest.mark.parametrize("text", ["", "ssh-ed25519", "ssh-ed25519 %%%"])
def test_known_hosts__what_is_no_key_has_no_fingerprint(text: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        fingerprint(text)


def test_known_hosts__a_name_that_is_hashed_is_found_and_leaves(key: Path, tmp_path: Path) -> None:
    line = " ".join(key.read_text().split()[:2])
    file = tmp_path / "known_hosts"
    file.write_text(f"pi {line}\nshed {line}\n")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", file], capture_output=True, check=True)
    text = file.read_text()
    assert "|1|" in text
    assert [pin.key for pin in pins(text, "pi")] == [line]
    after = with_keys(text, "pi", [A])
    assert [pin.key for pin in pins(after, "pi")] == [A]
    assert [pin.key for pin in pins(after, "shed")] == [line]
    assert pins("|1|damaged ssh-ed25519 AAAA\n", "pi") == []


def test_known_hosts__a_file_is_written_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "folder/known_hosts"
    assert known_hosts.read(file) == ""
    known_hosts.pin(file, "pi", [A])
    assert file.stat().st_mode & 0o777 == 0o644
    file.chmod(0o600)
    known_hosts.pin(file, "pi", [B])
    assert known_hosts.read(file) == f"pi {B}\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in file.parent.iterdir()] == ["known_hosts"]


def test_known_hosts__a_link_leads_to_the_file_and_stays(tmp_path: Path) -> None:
    file, link = tmp_path / "elsewhere", tmp_path / "known_hosts"
    link.symlink_to(file)
    known_hosts.pin(link, "pi", [A])
    assert link.is_symlink()
    assert file.read_text() == f"pi {A}\n"


def test_known_hosts__of_two_who_write_at_once_each_finds_what_the_other_has_written(
    tmp_path: Path,
) -> None:
    file, names = tmp_path / "known_hosts", [f"host{number}" for number in range(8)]
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(lambda name: known_hosts.pin(file, name, [A]), names))
    assert sorted(known_hosts.read(file).splitlines()) == [f"{name} {A}" for name in names]
    assert [found.name for found in tmp_path.iterdir()] == ["known_hosts"]


def test_known_hosts__a_host_is_known_by_a_pattern_and_a_revoked_key_is_told() -> None:
    text = f"*.lan,!odd.lan {A}\npi.lan {B}\n@revoked *.lan {C}\n@cert-authority * {C}\n"
    assert known(text, "pi.lan") == [Pin(1, A), Pin(2, B)]
    assert known(text, "odd.lan") == []
    assert revoked(text, "pi.lan") == [Pin(3, C)]
    assert pins(text, "pi.lan") == [Pin(2, B)]
    assert revoked(text, "shed") == []
