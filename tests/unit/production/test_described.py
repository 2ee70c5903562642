"""What is said of an answer: nothing when all is well, and the fault when it isn't."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.files.entries import Absent, Directory, File, Link
from homeport.operations.config_files import ConfigFile
from homeport.operations.executables import Executable
from homeport.operations.git_hooks import GitHook
from homeport.operations.hostctl.resources import HostProgram
from homeport.operations.packages.resources import Package
from homeport.operations.platform.resources import HostPlatform, LocalPlatform
from homeport.operations.services.resources import CurrentLink, RunOnce
from homeport.operations.units.resources import Unit
from homeport.operations.users.resources import ServiceUser
from tests.production import confinement, described
from tests.production.described import (
    config_files,
    executables,
    packages,
    paths,
    platform,
    releases,
    run_once,
    services,
    users,
    venvs,
)
from tests.production.endpoints import LONGEST, Endpoint, Reply, fault, replies
from tests.support.production_samples import shown
from tests.support.sample_app import EVERYTHING, RELEASE, VENV

__all__ = ["fault"]


FILE = File("/etc/a", b"text")
SUM = f"{hashlib.sha256(b'text').hexdigest()}  /etc/a"
AT = "at\t/etc/a\tregular file\t644\troot:root\t'/etc/a'"
PASSWD = "user app 999 999 /var/lib/app /usr/sbin/nologin\ngroup app 999\nlocked app"


def test_described__a_file_as_described_has_no_fault() -> None:
    assert paths.faults(FILE, f"{AT}\n{SUM}") == []


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ("", "not there"),
        (AT, "content"),
        (f"{AT}\n{SUM.replace('/etc/a', '/etc/b')}", "content"),
        (f"{AT.replace('644', '664')}\n{SUM}", "mode is 664"),
        (f"{AT.replace('root:', 'app:')}\n{SUM}", "belongs to app:root"),
        (f"{AT.replace('regular file', 'symbolic link')}\n{SUM}", "symbolic link"),
    ],
)
def test_described__a_file_that_differs_has_its_fault(answer: str, fault: str) -> None:
    assert fault in "; ".join(paths.faults(FILE, answer))


@given(st.binary(), st.binary())
def test_described__a_secret_is_told_from_any_other(content: bytes, other: bytes) -> None:
    file = File("/etc/a", content, "600", secret=True)
    digest = hashlib.sha256(b"key" + other).hexdigest()
    answer = f"{AT.replace('644', '600')}\nsecret\t/etc/a\tkey\t{digest}"
    assert (paths.faults(file, answer) == []) is (content == other)


def test_described__a_secret_that_others_may_read_is_a_fault_even_if_described() -> None:
    file = File("/etc/a", b"text", "640", secret=True)
    digest = hashlib.sha256(b"keytext").hexdigest()
    answer = f"{AT.replace('644', '640')}\nsecret\t/etc/a\tkey\t{digest}"
    assert paths.faults(file, answer) == ["it is a secret that others than root may read"]


@pytest.mark.parametrize(
    ("mode", "owner", "fault"),
    [
        ("440", "root:app", ""),
        ("444", "root:app", "others than root and app may read"),
        ("440", "root:adm", "others than root and app may read"),
        ("440", "app:app", "others than root and app may read"),
        ("460", "root:app", "others than root and app may read"),
    ],
)
def test_described__a_secret_in_a_configuration_file_is_the_service_users_as_well(
    mode: str, owner: str, fault: str
) -> None:
    config = ConfigFile(File("/etc/a", b"text", "440", group="app", secret=True))
    digest = hashlib.sha256(b"key" + b"text").hexdigest()
    at = AT.replace("644", mode).replace("root:root", owner)
    assert fault in "; ".join(config_files.faults(config, f"{at}\nsecret\t/etc/a\tkey\t{digest}"))
    assert bool(config_files.faults(config, f"{at}\nsecret\t/etc/a\tkey\t{digest}")) is bool(fault)


RECORD = "/var/lib/homeport/a/init/db"
ONCE = RunOnce("a-db.service", RECORD, "a init")
DONE = f"at {RECORD} regular file 600 root:root\nsaid {RECORD} when 2026\n"
DONE += f"said {RECORD} release /srv/a\nsaid {RECORD} command a init\nresult a-db.service success"


def test_described__what_ran_once_has_no_fault() -> None:
    assert run_once.faults(ONCE, DONE) == []
    other = DONE.replace("/db", "/other").replace("a-db", "a-other").replace("success", "timeout")
    assert run_once.faults(ONCE, f"{other}\n{DONE}") == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("at ", "", "never done"),
        ("600", "666", "record is a regular file 666"),
        ("root:root", "a:a", "record is a regular file 600 a:a"),
        ("regular file", "directory", "record is a directory"),
        ("command", "comment", "doesn't say command"),
        ("when 2026", "when", "doesn't say when"),
        ("success", "exit-code", "ended with"),
    ],
)
def test_described__what_did_not_run_once_has_its_fault(old: str, new: str, fault: str) -> None:
    assert fault in "; ".join(run_once.faults(ONCE, DONE.replace(old, new)))


def test_described__a_wheel_that_carries_others_is_judged_by_its_own_record(tmp_path: Path) -> None:
    wheel = tmp_path / "a-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("a/_vendor/b-1.dist-info/RECORD", "b.py,sha256=xxx,1\n")
        archive.writestr("a-1.dist-info/RECORD", f"a.py,sha256={'A' * 43},1\n")
    assert venvs.record(wheel) == {"a.py": "00" * 32}


def test_described__directories_links_and_nothing() -> None:
    directory = "at\t/etc/a\tdirectory\t755\troot:root\t'/etc/a'"
    link = "at\t/etc/a\tsymbolic link\t777\troot:root\t'/etc/a' -> '/srv/b'"
    assert paths.faults(Directory("/etc/a"), directory) == []
    assert paths.faults(Link("/etc/a", "/srv/b"), link) == []
    assert paths.faults(Link("/etc/a", "/srv"), link) == ["it points to '/srv/b', not /srv"]
    assert paths.faults(CurrentLink("/etc/a", "/srv/b", "/srv/c"), link) == []
    assert paths.faults(Link("/etc/a", "/srv/b"), directory) == ["it points to nothing, not /srv/b"]
    assert paths.faults(Absent("/etc/a"), "") == []
    assert paths.faults(Absent("/etc/a"), link) == ["there is a symbolic link, and should not be"]


def test_described__accounts() -> None:
    account = ServiceUser("app", "/var/lib/app")
    assert users.faults(account, PASSWD) == []
    assert users.faults(account, "") == ["there is no such account"]
    for old, new in (("999", "1000"), ("nologin", "sh"), ("/var/lib/app", "/"), ("locked app", "")):
        assert users.faults(account, PASSWD.replace(old, new)), new
    assert users.faults(account, f"{PASSWD}\ngroups app app dialout\ngroups other sudo") == []
    assert users.faults(account, f"{PASSWD}\ngroups app app disk") == ["it is in the group disk"]
    assert "sudo lets it" in "; ".join(users.faults(account, f"{PASSWD}\nsudo app"))


DATA = "\n".join(f"data /var/{kind}/app directory:700:app:app" for kind in ("lib", "cache", "log"))


def test_described__data_that_others_can_enter_is_a_fault() -> None:
    account = ServiceUser("app", "/var/lib/app")
    assert confinement.data_faults(account, DATA) == []
    assert confinement.data_faults(account, "") == []
    for bad in ("directory:777:app:app", "directory:700:root:app", "symbolic link:777:app:app"):
        (fault,) = confinement.data_faults(account, DATA.replace("directory:700:app:app", bad, 1))
        assert fault == f"/var/lib/app is a {bad}, not a directory:700:app:app"


def test_described__a_venvs_programs_and_settings_are_as_they_were_made() -> None:
    made = [["made", "flask", "sha256=AAAA"], ["program", f"{'00' * 3}  bin/flask"]]
    known = [["program", "11  bin/python3.11"], ["program", "11  bin/activate.fish"]]
    assert venvs._programs([*made, *known]) == []
    for bad in (made[:1], made[1:], [made[0], ["program", "000001  bin/flask"]]):
        assert venvs._programs(bad) == ["bin/flask is not as it was made"]
    real = ["interpreter", "x", "/usr/bin/python3.11"]
    links = [["link", f"bin/python{v}", real[2]] for v in ("", "3", "3.11")]
    links.append(["link", "lib64", f"{VENV.path}/lib"])
    assert venvs._links(VENV, [real, *links]) == []
    for at, name in enumerate(("bin/python", "bin/python3", "bin/python3.11", "lib64")):
        bad = [*links[:at], ["link", name, "/tmp"], *links[at + 1 :]]
        assert venvs._links(VENV, [real, *bad]) == [f"{name} is a link to /tmp"]
    home = ["setting", "home", "/usr/bin"]
    assert venvs._settings(VENV, [home, real]) == []
    assert venvs._settings(VENV, [["setting", "home", "/tmp"], ["setting", "a", "b"]]) == [
        "pyvenv.cfg has a",
        "its home is /tmp",
    ]


def test_described__packages_and_machines() -> None:
    assert packages.faults(Package("curl"), "curl install ok installed") == []
    assert packages.faults(Package("curl"), "curl hold ok installed") == []
    assert packages.faults(Package("curl"), "curl deinstall ok config-files")
    assert packages.faults(Package("curl"), "curly install ok installed")
    assert platform.faults(HostPlatform("arm64", "12"), "arm64\ndebian 12") == []
    assert platform.faults(HostPlatform("arm64", "12"), "amd64\ndebian 13") == [
        "is amd64, not arm64",
        "is debian 13, not debian 12",
    ]


def test_described__programs() -> None:
    (program,) = (Executable("gunicorn", RELEASE, "processes.web.command"),)
    assert executables.faults(program, "gunicorn at /srv/a/venv/bin/gunicorn\npython at /x") == []
    for answer in ("gunicorn at ", "gunicorn at \npython at /usr/bin/python", ""):
        assert executables.faults(program, answer) == ["gunicorn is not there to be started"]


@pytest.mark.parametrize(
    "changes",
    [
        {"LoadState": "masked"},
        {"FragmentPath": "/lib/systemd/system/a.service"},
        {"NeedDaemonReload": "yes"},
        {"DropInPaths": "/usr/lib/systemd/system/service.d/x.conf /run/systemd/a.service.d/x.conf"},
    ],
)
def test_described__a_unit_that_differs_has_its_fault(changes: dict[str, str]) -> None:
    assert len(services.unit_faults(Unit("a.service", ""), shown(**changes))) == 1


@given(*[st.dictionaries(st.sampled_from("abcd"), st.sampled_from("12"))] * 2)
def test_described__two_trees_compare_equal_only_if_they_are(
    one: dict[str, str], other: dict[str, str]
) -> None:
    assert (releases.compare(one, other) == []) is (one == other)


def test_described__a_kind_without_a_proof_is_a_fault() -> None:
    assert described.faults(object(), lambda question: "") == ["object has no proof"]


def test_described__everything_that_is_proven_has_a_name() -> None:
    for resource in (*EVERYTHING.resources, HostProgram("shop")):
        assert described.label(resource).startswith(f"{type(resource).__name__}-")


LIVE = Endpoint("web", "/live", 8000, "http://127.0.0.1:8000/live", 200, "ok", 5)


def replied(body: bytes) -> Reply:
    """Return what is read of curl's words."""
    text = base64.b64encode(body).decode()
    return replies(f"reply\tweb/ready\t\nreply\tweb/live\t{text}\nuptime\t4.2")["web/live"]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (b"ok\n200 0\n", None),
        (b"\xff\nok\n200 0\nreply\tweb/live\t\n200 0\n", None),
        (b"no\n200 0\n", "answers without 'ok': no"),
        (b"ok\n302 0\n", "answers 302: ok"),
        (b"ok\n500 0\n", "answers 500: ok"),
        (b"ok\n200 28\n", "has not answered within 5 s"),
        (b"ok\n200 18\n", "does not answer: curl exits with 18"),
        (b"\n000 7\n", "does not answer: curl exits with 7"),
        (b"", "does not answer: curl exits with 0"),
        (b"ok" * (LONGEST // 2), "has an answer without an end"),
    ],
    ids=range(10),
)
def test_described__an_answer_that_is_not_as_wanted_has_its_fault(
    body: bytes, wrong: str | None
) -> None:
    assert fault(LIVE, replied(body)) == wrong


def test_described__what_a_laptop_brings_along() -> None:
    here = LocalPlatform("3.12", "/opt/python3.12", ("sqlite3",), "/usr/bin/git")
    good = "python 3.12\ngit version 2.39\nsqlite3 install ok installed"
    assert platform.lacks(here, good) == []
    for old, new in (("3.12", "3.11"), ("git version 2.39", ""), ("ok installed", "ok config")):
        assert len(platform.lacks(here, good.replace(old, new))) == 1, old
    assert platform.lacks(LocalPlatform("3.12", "/opt/python3.12"), "python 3.12") == []


def test_described__a_hook_that_differs_has_its_fault() -> None:
    hook = GitHook("/etc/a", "text", "me", "us")
    at = AT.replace("644", "755").replace("root:root", "me:us")
    assert paths.hook_faults(hook, f"{at}\n{SUM}") == []
    assert paths.hook_faults(hook, at) == ["its content is not what is described"]
    assert paths.hook_faults(hook, "") == ["it is not there"]


def test_described__a_secret_of_a_laptop_is_its_users_alone() -> None:
    file = File("/etc/a", b"text", "600", "me", "us", secret=True)
    digest = hashlib.sha256(b"keytext").hexdigest()
    at = AT.replace("644", "600").replace("root:root", "me:us")
    assert paths.faults(file, f"me\tme:us\n{at}\nsecret\t/etc/a\tkey\t{digest}") == []
    (fault,) = paths.faults(file, f"me\troot:root\n{at}\nsecret\t/etc/a\tkey\t{digest}")
    assert fault == "it is a secret that others than root may read"
