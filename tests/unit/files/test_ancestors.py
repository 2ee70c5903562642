"""What lies above a path is known, links and all, and must be root's alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.engine.kind import PreconditionError
from homeport.files import ancestors, managed_set
from homeport.files import probe as probing
from homeport.files.ancestors import require_root_only
from homeport.files.entries import Absent, Directory, Entry, File, FileState, Link
from homeport.files.managed_set import ManagedSetState
from tests.support.real_shell import SHELLS, checked, is_shell

each_shell = pytest.mark.parametrize("shell", SHELLS)
ROOT = FileState("d", "755", "root", "root")
LAID = {"/": ROOT, "/opt": ROOT, "/opt/shop": ROOT, "/opt/shop/etc": ROOT}
PATH = "/opt/shop/etc/x.conf"


def to(target: str) -> FileState:
    return FileState("l", "777", "root", "root", target)


def ways(*paths: str, shell: Sequence[str] = ("sh",)) -> list[str]:
    script = f"{ancestors.shell()}\n{ancestors.collect(paths)}\nprintf '%s\\n' $ways"
    return checked(script, shell).splitlines()


@each_shell
def test_ancestors__each_directory_on_the_way_is_named_once(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    found = ways(f"{tmp_path}/a/b/x", f"{tmp_path}/a/y", f"{tmp_path}/a/no/such/z", shell=shell)
    above = [str(place) for place in reversed(tmp_path.parents)]
    assert found == [*above, f"{tmp_path}", f"{tmp_path}/a", f"{tmp_path}/a/b"]


@each_shell
def test_ancestors__links_are_followed_and_what_is_above_their_ends_is_named_too(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    (tmp_path / "far/away").mkdir(parents=True)
    (tmp_path / "near").mkdir()
    (tmp_path / "near/hop").symlink_to("../far")
    (tmp_path / "link").symlink_to(tmp_path / "near/./hop")
    found = ways(f"{tmp_path}/link/away/x", shell=shell)
    named = ("link", "near", "near/hop", "far", "far/away")
    assert found[-5:] == [f"{tmp_path}/{name}" for name in named]


@each_shell
def test_ancestors__a_circle_of_links_and_a_strange_one_come_to_an_end(
    tmp_path: Path, shell: Sequence[str]
) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    (tmp_path / "strange").symlink_to("/etc\n/tmp")
    found = ways(f"{tmp_path}/one/x", f"{tmp_path}/strange/y", shell=shell)
    assert found[-3:] == [f"{tmp_path}/{name}" for name in ("one", "two", "strange")]


@pytest.mark.parametrize(
    "entry", [File(PATH, b""), Link(PATH, "/etc"), Absent(PATH), Directory(PATH)]
)
@pytest.mark.parametrize("place", ["/", "/opt", "/opt/shop", "/opt/shop/etc"])
@pytest.mark.parametrize(
    ("mode", "owner", "group"),
    [
        ("755", "shop", "root"),
        ("700", "shop", "shop"),
        ("775", "root", "shop"),
        ("777", "root", "root"),
        ("1777", "root", "root"),
        ("2775", "root", "staff"),
    ],
)
def test_ancestors__a_directory_that_is_not_roots_alone_is_refused_with_the_fix(
    entry: Entry, place: str, mode: str, owner: str, group: str
) -> None:
    seen = {**LAID, place: FileState("d", mode, owner, group)}
    with pytest.raises(PreconditionError) as refused:
        require_root_only([entry], (), seen)
    assert str(refused.value) == (
        f"{PATH} is to lie in {place}, which isn't root's alone (mode {mode}, {owner}:{group}); "
        f"describe it elsewhere, or run `chown root:root {place} && chmod go-w {place}` there"
    )


@pytest.mark.parametrize(
    "seen",
    [
        {},
        LAID,
        {**LAID, "/opt/shop": FileState("d", "775", "root", "root")},
        {**LAID, PATH: FileState("f", "666", "shop", "shop")},
        {**LAID, "/opt/shop": to("/srv"), "/srv": ROOT, "/srv/etc": ROOT},
    ],
)
def test_ancestors__what_is_roots_alone_is_taken(seen: dict[str, FileState]) -> None:
    require_root_only([File(PATH, b"", owner="shop")], (), seen)


@pytest.mark.parametrize(
    "links",
    [
        {"/opt/shop": to("/home/ann")},
        {"/opt/shop": to("../home/ann/shop")},
        {"/opt": to("/hop"), "/hop": to("/home/ann/opt")},
        {"/opt/shop/etc": to("/home/ann/../../srv")},
    ],
)
def test_ancestors__no_link_on_the_way_may_be_another_ones(links: dict[str, FileState]) -> None:
    seen = {**LAID, "/home": ROOT, "/home/ann": FileState("d", "755", "ann", "ann"), **links}
    with pytest.raises(PreconditionError, match=r"in /home/ann, which isn't root's alone"):
        require_root_only([File(PATH, b"")], (), seen)


def test_ancestors__a_link_with_a_strange_end_is_refused() -> None:
    for target in ("", "?", "/etc /tmp", "/b\x1b[2J"):
        with pytest.raises(PreconditionError, match="a link to no plain path; remove it there"):
            require_root_only([File(PATH, b"")], (), {**LAID, "/opt/shop": to(target)})


def test_ancestors__what_is_removed_or_kept_there_is_judged_like_what_is_described() -> None:
    seen = {**LAID, "/opt/shop": FileState("d", "755", "shop", "shop")}
    with pytest.raises(PreconditionError, match=f"{PATH} is to be removed from /opt/shop, which"):
        require_root_only([], [PATH], seen)
    with pytest.raises(PreconditionError, match=f"{PATH} is to lie in /opt/shop, which"):
        require_root_only([], (), seen, places=[PATH])


def test_ancestors__what_is_described_counts_where_it_differs_from_what_is_there() -> None:
    entries = [Directory("/opt/shop"), File(PATH, b"")]
    require_root_only(entries, (), {**LAID, "/opt/shop": FileState("d", "777", "shop", "shop")})
    theirs = Directory("/opt/shop", "750", "shop", "shop")
    for described, made in (([theirs, File(PATH, b"")], ()), ([File(PATH, b"")], [theirs])):
        with pytest.raises(PreconditionError, match="which is described as shop's, mode 750"):
            require_root_only(described, (), {}, made=made)


def test_ancestors__what_is_of_one_who_may_become_root_is_roots() -> None:
    home = FileState("d", "770", "ann", "ann")
    require_root_only([File("/home/ann/x", b"")], (), {"/home": ROOT, "/home/ann": home}, ["ann"])


def test_ancestors__a_group_whose_owner_writes_it_is_not_judged() -> None:
    assert "ways= last=" in probing.probe([File("/x/y", b"")], "/x/ledger", "key")
    is_shell(probing.probe([File("/x/y", b"")], "/x/ledger", "key", ["/z/w"]))


@each_shell
def test_ancestors__a_probe_tells_of_them(tmp_path: Path, shell: Sequence[str]) -> None:
    for name, mode in (("etc", 0o775), ("old", 0o707)):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(mode)
    (tmp_path / "old/x").touch()
    (tmp_path / "ledger").write_text(f"version 1\n{tmp_path}/old/x\n{tmp_path}/none/y\n")
    entries = [File(f"{tmp_path}/etc/x", b"")]
    script = probing.probe(entries, f"{tmp_path}/ledger", "key", ["/usr/bin/x"])
    seen, _, _ = probing.parse(checked(script, shell))
    assert {"/", "/usr", "/usr/bin", *map(str, tmp_path.parents)} <= seen.keys()
    assert (seen[f"{tmp_path}/etc"].type, seen[f"{tmp_path}/etc"].mode) == ("d", "775")
    assert seen[f"{tmp_path}/old"].mode == "707"


@given(
    st.text(alphabet=st.sampled_from("k/\n\t\r\x0b\x0c\x1c\x85\u2028?x"), min_size=1, max_size=9)
)
def test_file_probe__nothing_in_the_target_of_a_link_is_taken_for_a_line(
    tmp_path_factory: pytest.TempPathFactory, target: str
) -> None:
    folder = tmp_path_factory.mktemp("strange")
    link = folder / "link"
    link.symlink_to(f"{target}\nkept\t/etc/passwd\nat\t/etc/passwd\tf\t644\troot\troot\t")
    (folder / "other").symlink_to(target)
    entries: list[Entry] = [Link(str(link), "/x"), Link(f"{folder}/other", "/x")]
    seen, ledger, left = probing.parse(checked(probing.probe(entries, f"{folder}/none", "key")))
    assert (seen.keys(), ledger, left) == ({str(link), f"{folder}/other"}, [], [])
    assert seen[str(link)].target == probing.STRANGE
    wanted = probing.STRANGE if "\n" in target else target
    assert seen[f"{folder}/other"].target == wanted
    changes = managed_set.diff("shop", "files", entries, ManagedSetState(seen, (), (), "key"))
    assert {change.target.name for change in changes if change.action == "remove"} == set()
