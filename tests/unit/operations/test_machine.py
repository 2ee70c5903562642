"""The host's name, its zone, its user: changed where they differ, by the smallest edit there is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyinfra.api.command import FunctionCommand

from homeport.engine.kind import DesiredState, PreconditionError, ProbeError, ProbeOutput
from homeport.files import edit
from homeport.operations.bootstrap import admin_users as operators
from homeport.operations.bootstrap import host_keys as hostkeys
from homeport.operations.bootstrap import hostname as hostnames
from homeport.operations.bootstrap import timezone as timezones
from homeport.operations.bootstrap.admin_users import AdminUser
from homeport.operations.bootstrap.host_keys import HostKeys
from homeport.operations.bootstrap.hostname import HostName, HostnameState, with_name
from homeport.operations.bootstrap.timezone import TimeZone
from homeport.ssh.known_hosts import fingerprint
from tests.unit.engine.delivering import as_root, run_command
from tests.unit.engine.shell import checked, run
from tests.unit.operations.machines import Programs

NOBODY = DesiredState("_host", ())
SHED = DesiredState("_host", (HostName("shed"),))
HOSTS = "127.0.0.1\tlocalhost\n127.0.1.1\tbare\n\n::1 ip6-localhost\n"

words = st.from_regex(r"[a-z]{1,6}", fullmatch=True)
comments = st.sampled_from(["", "  # why", "\t#"])
lines = st.one_of(
    st.sampled_from(["", "# a comment", "::1 ip6-localhost", "10.0.0.1 router"]),
    st.builds(
        lambda address, names, comment: f"{address}\t{' '.join(names)}{comment}",
        st.sampled_from(["127.0.0.1", "127.0.1.1", "192.0.2.1"]),
        st.lists(words, min_size=1, max_size=3),
        comments,
    ),
)
texts = st.lists(lines, max_size=8).map(lambda all_of: "".join(f"{line}\n" for line in all_of))


def itself(hosts: str) -> list[list[str]]:
    """What 127.0.1.1 is called, read as the resolver does."""
    entries = (line.partition("#")[0].split() for line in hosts.splitlines())
    return [entry[1:] for entry in entries if entry[:1] == ["127.0.1.1"]]


@given(texts, words, words)
def test_a_host_finds_itself_by_its_name_and_nothing_else_changes(
    text: str, name: str, old: str
) -> None:
    after = with_name(text, name, old)
    assert name in itself(after)[0]
    assert with_name(after, name, old) == after
    kept = [line for line in text.splitlines() if not line.startswith("127.0.1.1")]
    assert [line for line in after.splitlines() if not line.startswith("127.0.1.1")] == kept


def test_the_old_name_goes_and_other_names_and_comments_stay() -> None:
    line = "127.0.1.1 old.lan old  # set by the image\n"
    assert with_name(line, "shed", "old") == "127.0.1.1\tshed old.lan # set by the image\n"


def test_a_host_that_has_its_name_is_left_alone() -> None:
    files = {
        "/etc/hostname": edit.EditableFile("shed\n"),
        "/etc/hosts": edit.EditableFile(with_name(HOSTS, "shed", "bare")),
    }
    assert hostnames.diff(SHED, HostnameState("shed", files)) == []
    assert hostnames.diff(NOBODY, HostnameState("", {})) == []


def test_each_place_that_has_another_name_is_named_in_the_plan() -> None:
    files = {
        "/etc/hostname": edit.EditableFile("bare\n"),
        "/etc/hosts": edit.EditableFile(HOSTS, "640"),
    }
    changes = hostnames.diff(SHED, HostnameState("bare", files))
    assert [change.target for change in changes] == ["/etc/hosts", "/etc/hostname", "shed"]
    assert "+127.0.1.1\tshed" in changes[0].diff
    assert changes[0].desired.mode == "640"
    (after_a_crash,) = hostnames.diff(
        SHED,
        HostnameState(
            "bare",
            {
                "/etc/hostname": edit.EditableFile("shed"),
                "/etc/hosts": edit.EditableFile("127.0.1.1 shed\n"),
            },
        ),
    )
    assert after_a_crash.reason == "host name; was bare"


def test_the_name_is_looked_at_and_nothing_is_asked_where_none_is_described() -> None:
    found = hostnames.parse(ProbeOutput(checked(hostnames.probe(SHED, "")), ""))
    assert found.running == Path("/proc/sys/kernel/hostname").read_text().strip()
    assert found.files["/etc/hosts"].text == Path("/etc/hosts").read_text()
    assert checked(hostnames.probe(NOBODY, "")) == ""


@as_root
def test_files_are_written_before_the_kernel_is_told(
    programs: Programs, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hostnames, "NAME_FILE", f"{tmp_path}/hostname")
    monkeypatch.setattr(hostnames, "HOSTS_FILE", f"{tmp_path}/hosts")
    (tmp_path / "hosts").write_text(HOSTS)
    found = HostnameState("bare", {f"{tmp_path}/hosts": edit.EditableFile(HOSTS)})
    (command,) = hostnames.apply(SHED, found, hostnames.diff(SHED, found))
    path = programs(hostname=f"cat {tmp_path}/hostname >>{log}")
    done = run_command(command, path=path)
    assert done.returncode == 0, done.stderr
    assert log.read_text() == "hostname shed\nshed\n"
    assert "127.0.1.1\tshed\n" in (tmp_path / "hosts").read_text()


def test_a_time_zone_is_set_where_it_is_another() -> None:
    zone = DesiredState("_host", (TimeZone("Europe/Berlin"),))
    assert timezones.diff(zone, "Europe/Berlin") == []
    assert timezones.diff(NOBODY, "Etc/UTC") == []
    changes = timezones.diff(zone, "Etc/UTC")
    (command,) = timezones.apply(zone, "Etc/UTC", changes)
    assert command.get_raw_value() == "timedatectl set-timezone Europe/Berlin"
    assert timezones.KIND.parse(ProbeOutput("Etc/UTC", "")) == "Etc/UTC"


DEPLOY = DesiredState("_host", (AdminUser("deploy"),))


def test_a_user_that_is_missing_is_made_without_a_password(programs: Programs, log: Path) -> None:
    (change,) = operators.diff(DEPLOY, {})
    (command,) = operators.apply(DEPLOY, {}, [change])
    assert run_command(command, path=programs(useradd="")).returncode == 0
    assert log.read_text().strip() == (
        "useradd --user-group --create-home --shell /bin/bash --password * "
        "--home-dir /home/deploy deploy"
    )


def entry(uid: str = "1000", home: str = "/home/deploy", ends: str = "/bin/bash") -> list[str]:
    return ["deploy", "x", uid, uid, "", home, ends]


def test_a_user_that_is_there_is_taken() -> None:
    assert operators.diff(DEPLOY, {"deploy": entry()}) == []


@pytest.mark.parametrize(
    "wrong", [entry(uid="0"), entry(home="/srv/x"), entry(ends="/usr/sbin/nologin")]
)
def test_an_account_of_that_name_that_is_not_a_persons_is_refused(wrong: list[str]) -> None:
    with pytest.raises(PreconditionError, match="name another ssh_user"):
        operators.diff(DEPLOY, {"deploy": wrong})


def test_users_are_found(programs: Programs) -> None:
    there = DesiredState("_host", (AdminUser("root"), AdminUser("no-such-user")))
    assert set(operators.parse(ProbeOutput(checked(operators.probe(there, "")), ""))) == {"root"}
    assert run(f"set -eu\n{operators.probe(there, '')}", path=programs(getent="exit 1")).returncode


A, B = "ssh-ed25519 AAAA", "ecdsa-sha2-nistp256 BBBB"


def keys(file: Path, *pinned: str) -> DesiredState:
    return DesiredState("_host", (HostKeys("pi", file, pinned),))


def test_keys_that_are_pinned_are_left_alone_and_others_are_named(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    assert hostkeys.diff(keys(file, B, A), [A, B]) == []
    (new,) = hostkeys.diff(keys(file), [A, B])
    assert (new.action, new.target) == ("add", str(file))
    assert new.diff == (f"+ssh-ed25519 {fingerprint(A)}", f"+ecdsa-sha2-nistp256 {fingerprint(B)}")
    (changed,) = hostkeys.diff(keys(file, B), [A])
    assert changed.diff == (
        f"-ecdsa-sha2-nistp256 {fingerprint(B)}",
        f"+ssh-ed25519 {fingerprint(A)}",
    )


def test_a_host_that_says_no_key_is_not_believed(tmp_path: Path) -> None:
    with pytest.raises(ProbeError):
        hostkeys.diff(keys(tmp_path), [])


class Told:
    """A host that a message is for."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def log_styled(self, message: str, **style: str) -> None:
        self.said.append(message)


def test_pinning_keeps_what_came_in_meanwhile(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    described = keys(file)
    (command,) = hostkeys.apply(described, [A], hostkeys.diff(described, [A]))
    assert isinstance(command, FunctionCommand)
    file.write_text(f"shed {B}\n")
    assert command.function(None, Told(), *command.args)
    assert file.read_text() == f"shed {B}\npi {A}\n"


def test_a_file_that_cannot_be_written_fails_the_host(tmp_path: Path) -> None:
    host = Told()
    assert not hostkeys._pin(None, host, HostKeys("pi", tmp_path), [A])
    assert "can't be written" in host.said[0]


def test_keys_are_those_that_sshd_has(programs: Programs, tmp_path: Path) -> None:
    (tmp_path / "one.pub").write_text(f"{B} a comment\n")
    (tmp_path / "two.pub").write_text(f"{A}\n")
    path = programs(sshd=f"printf 'port 22\\nhostkey {tmp_path}/one\\nhostkey {tmp_path}/two\\n'")
    done = run(f"set -eu\n{hostkeys.probe(keys(tmp_path), '')}", path=path)
    assert done.returncode == 0
    assert hostkeys.parse(ProbeOutput(done.stdout.decode(), "")) == [A, B]
