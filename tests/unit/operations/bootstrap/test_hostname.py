"""The host's name, its zone, its user: changed where they differ, by the smallest edit there is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.engine.kind import DesiredState, ProbeOutput
from homeport.files import edit
from homeport.operations.bootstrap import hostname
from homeport.operations.bootstrap.hostname import HostName, HostnameState, with_name
from tests.support.bare_host import UNDESCRIBED
from tests.support.fake_programs import Programs
from tests.support.real_delivery import as_root, run_command
from tests.support.real_shell import checked

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
def test_hostname__a_host_finds_itself_by_its_name_and_nothing_else_changes(
    text: str, name: str, old: str
) -> None:
    after = with_name(text, name, old)
    assert name in itself(after)[0]
    assert with_name(after, name, old) == after
    expected = [line for line in text.splitlines() if not line.startswith("127.0.1.1")]
    assert [line for line in after.splitlines() if not line.startswith("127.0.1.1")] == expected


def test_hostname__the_old_name_goes_and_other_names_and_comments_stay() -> None:
    line = "127.0.1.1 old.lan old  # set by the image\n"
    assert with_name(line, "shed", "old") == "127.0.1.1\tshed old.lan # set by the image\n"


def test_hostname__a_host_that_has_its_name_is_left_alone() -> None:
    files = {
        "/etc/hostname": edit.EditableFile("shed\n"),
        "/etc/hosts": edit.EditableFile(with_name(HOSTS, "shed", "bare")),
    }
    assert hostname.diff(SHED, HostnameState("shed", files)) == []
    assert hostname.diff(UNDESCRIBED, HostnameState("", {})) == []


def test_hostname__each_place_that_has_another_name_is_named_in_the_plan() -> None:
    files = {
        "/etc/hostname": edit.EditableFile("bare\n"),
        "/etc/hosts": edit.EditableFile(HOSTS, "640"),
    }
    changes = hostname.diff(SHED, HostnameState("bare", files))
    assert [change.target.name for change in changes] == ["/etc/hosts", "/etc/hostname", "shed"]
    assert "+127.0.1.1\tshed" in changes[0].diff
    assert changes[0].payload.mode == "640"
    (after_a_crash,) = hostname.diff(
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


def test_hostname__the_name_is_looked_at_and_nothing_is_asked_where_none_is_described() -> None:
    found = hostname.parse(ProbeOutput(checked(hostname.probe(SHED, "")), ""))
    assert found.running == Path("/proc/sys/kernel/hostname").read_text().strip()
    assert found.files["/etc/hosts"].text == Path("/etc/hosts").read_text()
    assert checked(hostname.probe(UNDESCRIBED, "")) == ""


@as_root
def test_hostname__files_are_written_before_the_kernel_is_told(
    programs: Programs, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hostname, "NAME_FILE", f"{tmp_path}/hostname")
    monkeypatch.setattr(hostname, "HOSTS_FILE", f"{tmp_path}/hosts")
    (tmp_path / "hosts").write_text(HOSTS)
    found = HostnameState("bare", {f"{tmp_path}/hosts": edit.EditableFile(HOSTS)})
    (command,) = hostname.apply(SHED, found, hostname.diff(SHED, found))
    path = programs(hostname=f"cat {tmp_path}/hostname >>{log}")
    done = run_command(command, path=path)
    assert done.returncode == 0, done.stderr
    assert log.read_text() == "hostname shed\nshed\n"
    assert "127.0.1.1\tshed\n" in (tmp_path / "hosts").read_text()
