"""The small programs that run on a host, run for real."""

from __future__ import annotations

import hashlib
import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from homeport.files.env_file import render
from tests.unit.engine.shell import SHELLS, is_shell

HOST = Path(__file__).parents[3] / "templates/host_programs"
each_shell = pytest.mark.parametrize("shell", SHELLS)


@each_shell
@pytest.mark.parametrize("name", ["record", "run", "await-socket", "show-socket"])
def test_a_program_is_shell(name: str, shell: Sequence[str]) -> None:
    is_shell((HOST / name).read_text(), shell)


# record


def record(
    tmp_path: Path, *arguments: str, shell: Sequence[str] = ("sh",), invocation: str | None = "i1"
) -> subprocess.CompletedProcess[str]:
    text = (HOST / "record").read_text()
    program = tmp_path / "record"
    for place, here in (
        ("/run/homeport", "run/homeport"),
        ("/etc/homeport", "etc"),
        ("/etc/systemd/system", "system"),
    ):
        assert place in text
        text = text.replace(place, f"{tmp_path}/{here}")
    program.write_text(text)
    (tmp_path / "run").mkdir(exist_ok=True)
    env = {
        "PATH": f"{tmp_path}/bin:/usr/bin:/bin",
        **({"INVOCATION_ID": invocation} if invocation else {}),
    }
    return subprocess.run(
        [*shell, str(program), *arguments], env=env, capture_output=True, text=True
    )


@each_shell
def test_a_start_is_recorded_with_all_that_it_reads(shell: Sequence[str], tmp_path: Path) -> None:
    (tmp_path / "r1").mkdir()
    (tmp_path / "v1").mkdir()
    (tmp_path / "r1/venv").symlink_to("../v1")
    (tmp_path / "current").symlink_to(f"{tmp_path}/r1")
    (tmp_path / "env").write_bytes(b"A=1")
    paths = [f"{tmp_path}/{name}" for name in ("current", "current/venv", "env")]
    done = record(tmp_path, "web.service", "abcd", *paths, shell=shell)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    kept = tmp_path / "run/homeport/web.service"
    assert kept.read_text().splitlines() == [
        "invocation i1",
        "unit abcd",
        f"target {tmp_path}/r1 {paths[0]}",
        f"inode {(tmp_path / 'r1').stat().st_ino} {paths[0]}",
        f"target ../v1 {paths[1]}",
        f"inode {(tmp_path / 'v1').stat().st_ino} {paths[1]}",
        f"sha256 {hashlib.sha256(b'A=1').hexdigest()} {paths[2]}",
    ]
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in kept.parent.iterdir()] == ["web.service"]


class Slots:
    """Two slots of the application shop, below a folder, and what they were made from."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "srv/shop"
        for release, venv in (("r1", "v1"), ("r2", "v2")):
            (self.home / "releases" / release).mkdir(parents=True)
            (self.home / "venvs" / venv).mkdir(parents=True)
            (self.home / "releases" / release / "venv").symlink_to(f"../../venvs/{venv}")
        self.write("etc/shop", "described")
        (self.home / "current").symlink_to(self.home / "releases/r2")
        for slot in "ab":
            self.write(f"srv/shop/slots/{slot}/etc", f"frozen in {slot}")
            (self.home / f"slots/{slot}/release").symlink_to("../../releases/r1")
            self.text(f"system/shop-web@{slot}.service", f"loaded in {slot}")
        self.text("srv/shop/bin/run", "run")

    def write(self, place: str, text: str) -> None:
        for name in ("environment", "units/shop-web@.service"):
            self.text(f"{place}/{name}", f"{name}, {text}")

    def text(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text)

    def record(self, slot: str, shell: Sequence[str] = ("sh",)) -> list[str]:
        """What a start in a slot keeps, with the folder left out."""
        described = ["srv/shop/current", "srv/shop/current/venv", "etc/shop/environment"]
        described += ["srv/shop/bin/run", "etc/shop/units/shop-web@.service"]
        paths = [f"{self.folder}/{path}" for path in described]
        given = ["-s", f"{self.home}/slots/{slot}", f"shop-web@{slot}.service", "abcd", *paths]
        done = record(self.folder, *given, shell=shell)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        kept = self.folder / f"run/homeport/shop-web@{slot}.service"
        return kept.read_text().replace(f"{self.folder}/", "/").splitlines()


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@each_shell
def test_a_start_in_a_slot_is_recorded_by_what_the_slot_has_under_the_names_that_are_described(
    shell: Sequence[str], tmp_path: Path
) -> None:
    slots = Slots(tmp_path)
    assert slots.record("b", shell) == [
        "invocation i1",
        "unit abcd",
        "target /srv/shop/releases/r1 /srv/shop/current",
        f"inode {(slots.home / 'releases/r1').stat().st_ino} /srv/shop/current",
        "target ../../venvs/v1 /srv/shop/current/venv",
        f"inode {(slots.home / 'venvs/v1').stat().st_ino} /srv/shop/current/venv",
        f"sha256 {digest('environment, frozen in b')} /etc/shop/environment",
        f"sha256 {digest('run')} /srv/shop/bin/run",
        f"sha256 {digest('loaded in b')} /etc/shop/units/shop-web@.service",
    ]


@each_shell
@pytest.mark.parametrize("name", ["shop-web@a.service", "shop-web@.service", "shop-other.service"])
def test_a_drop_in_of_a_slot_or_of_both_is_recorded(
    name: str, shell: Sequence[str], tmp_path: Path
) -> None:
    path = f"/etc/systemd/system/{name}.d/x.conf"
    systemctl = tmp_path / "bin/systemctl"
    systemctl.parent.mkdir()
    systemctl.write_text(f"#!/bin/sh\necho {path}\n")
    systemctl.chmod(0o755)
    dropped = f"dropin - {path}" in Slots(tmp_path).record("a", shell)
    assert dropped is name.startswith("shop-web")


@each_shell
@pytest.mark.parametrize("fault", ["a file is missing", "no invocation", "a link leads nowhere"])
def test_a_start_that_can_not_be_recorded_fails_and_the_old_record_stays(
    fault: str, shell: Sequence[str], tmp_path: Path
) -> None:
    record(tmp_path, "web.service", "old")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "env").touch()
    name = {"a file is missing": "none", "a link leads nowhere": "dangling"}.get(fault, "env")
    invocation = None if fault == "no invocation" else "i2"
    done = record(
        tmp_path, "web.service", "new", f"{tmp_path}/{name}", shell=shell, invocation=invocation
    )
    assert done.returncode != 0
    kept = (tmp_path / "run/homeport/web.service").read_text()
    assert kept == "invocation i1\nunit old\n"


def test_one_units_record_is_nothing_to_another(tmp_path: Path) -> None:
    record(tmp_path, "web.service", "a")
    record(tmp_path, "worker.service", "b", invocation="i2")
    kept = {path.name: path.read_text() for path in (tmp_path / "run/homeport").iterdir()}
    assert kept == {
        "web.service": "invocation i1\nunit a\n",
        "worker.service": "invocation i2\nunit b\n",
    }


# run


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Two releases with a venv each, and the programs beside them."""
    for release, venv in (("r1", "v1"), ("r2", "v2")):
        (tmp_path / "releases" / release).mkdir(parents=True)
        (tmp_path / "releases" / release / "where").write_text(f"{release}\n")
        (tmp_path / "releases" / release / "venv").symlink_to(f"../../venvs/{venv}")
        (tmp_path / "venvs" / venv / "bin").mkdir(parents=True)
        tool = tmp_path / "venvs" / venv / "bin/tool"
        tool.write_text(f'#!/bin/sh\necho "{venv}: $*"\n')
        tool.chmod(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/run").write_bytes((HOST / "run").read_bytes())
    (tmp_path / "bin/run").chmod(0o755)
    (tmp_path / "current").symlink_to(tmp_path / "releases/r1")
    return tmp_path


def start(
    place: Path, *command: str, shell: Sequence[str] = ("sh",), **env: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*shell, f"{place}/bin/run", *command],
        env={"PATH": "/usr/bin:/bin", **env},
        cwd=place / "current",
        capture_output=True,
        text=True,
    )


@each_shell
def test_a_command_is_found_in_the_venv_of_the_current_release(
    shell: Sequence[str], place: Path
) -> None:
    done = start(place, "tool", "a b", "$x", "", shell=shell)
    assert (done.stdout, done.stderr) == ("v1: a b $x \n", "")


@each_shell
def test_a_command_knows_its_place_by_the_name_that_never_changes(
    shell: Sequence[str], place: Path
) -> None:
    told = 'echo "$PWD"; pwd -P; echo "$PYTHONPATH"; echo "$PATH"; cat where'
    done = start(place, "sh", "-c", told, shell=shell, PYTHONPATH="/elsewhere")
    release = f"{place}/releases/r1"
    path = f"{place}/venvs/v1/bin:/usr/local/bin:/usr/bin:/bin"
    assert done.stdout.splitlines() == [release, release, f"{release}:/elsewhere", path, "r1"]


@each_shell
def test_a_process_stays_with_the_release_that_it_was_started_from(
    shell: Sequence[str], place: Path
) -> None:
    flip = f"ln -sfn {place}/releases/r2 {place}/new; mv -T {place}/new {place}/current"
    done = start(place, "sh", "-c", f"{flip}; cat where; tool late; pwd", shell=shell)
    assert done.stdout.splitlines() == ["r1", "v1: late", f"{place}/releases/r1"]
    assert start(place, "cat", "where").stdout == "r2\n"


@each_shell
def test_code_in_a_src_folder_is_found(shell: Sequence[str], place: Path) -> None:
    (place / "releases/r1/src").mkdir()
    done = start(place, "sh", "-c", 'echo "$PYTHONPATH"', shell=shell)
    assert done.stdout == f"{place}/releases/r1/src:{place}/releases/r1\n"


@each_shell
def test_the_process_is_the_command_itself_and_gets_the_signals(
    shell: Sequence[str], place: Path
) -> None:
    with subprocess.Popen(
        [*shell, f"{place}/bin/run", "sh", "-c", "echo $$"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert int(process.stdout.read()) == process.pid


@each_shell
def test_a_command_that_fails_or_is_not_there_is_told_by_its_exit_code(
    shell: Sequence[str], place: Path
) -> None:
    assert start(place, "sh", "-c", "exit 7", shell=shell).returncode == 7
    assert start(place, "no-such-command", shell=shell).returncode == 127
    (place / "current").unlink()
    (place / "current").symlink_to("nowhere")
    done = subprocess.run([*shell, f"{place}/bin/run", "echo"], capture_output=True, text=True)
    assert done.returncode != 0
    assert done.stdout == ""


@each_shell
def test_a_check_is_run_from_a_release_that_is_not_current_yet(
    shell: Sequence[str], place: Path
) -> None:
    release = f"{place}/releases/r2"
    done = start(place, "sh", "-c", "cat where; tool", shell=shell, HOMEPORT_RELEASE=release)
    assert done.stdout.splitlines() == ["r2", "v2: "]
    assert start(place, "cat", "where", shell=shell).stdout == "r1\n"


# await-socket, show-socket


def awaited(path: Path, pid: int, shell: Sequence[str] = ("sh",)) -> subprocess.Popen[bytes]:
    env = {"PATH": "/usr/bin:/bin", "MAINPID": str(pid)}
    return subprocess.Popen([*shell, f"{HOST}/await-socket", str(path)], env=env)


@each_shell
def test_a_start_lasts_until_there_is_a_socket_that_all_who_get_there_may_use(
    shell: Sequence[str], tmp_path: Path
) -> None:
    path = tmp_path / "web.sock"
    with awaited(path, os.getpid(), shell) as waiting, socket.socket(socket.AF_UNIX) as listening:
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(0.3)
        listening.bind(str(path))
        assert waiting.wait(10) == 0
    assert path.stat().st_mode & 0o777 == 0o666


@each_shell
def test_nobody_waits_for_the_socket_of_a_process_that_is_gone(
    shell: Sequence[str], tmp_path: Path
) -> None:
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    path = tmp_path / "web.sock"
    path.write_text("no socket")
    with awaited(path, gone.pid, shell) as waiting:
        assert waiting.wait(10) == 0
    assert path.stat().st_mode & 0o777 != 0o666


def shown(tmp_path: Path, *arguments: str) -> list[str]:
    """Run it with a chgrp that only notes, and return what that was told."""
    chgrp, log = tmp_path / "bin/chgrp", tmp_path / "log"
    chgrp.parent.mkdir(exist_ok=True)
    chgrp.write_text(f'#!/bin/sh\necho "$*" >>{log}\n')
    chgrp.chmod(0o755)
    env = {"PATH": f"{chgrp.parent}:/usr/bin:/bin"}
    program = f"umask 077; . {HOST}/show-socket"
    subprocess.run(["sh", "-c", program, "sh", *arguments], env=env, check=True)
    return log.read_text().splitlines()


def test_the_web_server_is_let_into_the_folder_of_a_socket_and_nowhere_else(tmp_path: Path) -> None:
    assert shown(tmp_path, "/run/shop-web-a/web.sock") == ["www-data /run/shop-web-a"]


def test_a_process_without_slots_has_the_links_that_the_web_server_follows(tmp_path: Path) -> None:
    link = tmp_path / "sockets/shop/web.sock"
    for socket_ in ("/run/old/web.sock", "/run/shop-web/web.sock"):
        shown(tmp_path, socket_, str(link))
    assert {path.name: str(path.readlink()) for path in link.parent.iterdir()} == {
        "web.sock": "/run/shop-web/web.sock",
        "web.previous.sock": "/run/shop-web/web.sock",
    }
    assert link.parent.stat().st_mode & 0o777 == link.parent.parent.stat().st_mode & 0o777 == 0o755


# initialised


@each_shell
def test_an_initialisation_is_recorded_with_when_and_what(
    shell: Sequence[str], place: Path
) -> None:
    is_shell((HOST / "initialised").read_text(), shell)
    (place / "bin/initialised").write_bytes((HOST / "initialised").read_bytes())
    record = place / "var/init/database"
    arguments = [str(record), "shop init 'a  b' \\n"]
    command = [*shell, f"{place}/bin/initialised", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    when, release, told = record.read_text().splitlines()
    assert datetime.strptime(when, "when %Y-%m-%dT%H:%M:%SZ")
    assert release == f"release {place}/releases/r1"
    assert told == "command shop init 'a  b' \\n"
    assert (record.stat().st_mode & 0o777, record.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [path.name for path in record.parent.iterdir()] == ["database"]


# check-config


def judge(*command: str, secrets: bytes = b"") -> subprocess.CompletedProcess[str]:
    """Run it as the check of a file is run."""
    interpreter = [sys.executable, "-B", "-I", f"{HOST}/check-config", "/etc/shop.conf"]
    return subprocess.run(
        [*interpreter, *command], input=secrets.decode(), capture_output=True, text=True
    )


def test_a_check_that_accepts_its_file_says_nothing() -> None:
    done = judge("sh", "-c", "echo fine; echo really >&2")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_check_that_does_not_is_told_by_its_last_lines() -> None:
    done = judge("sh", "-c", "seq 30; echo wrong >&2; exit 3")
    assert done.returncode == 1
    first, *rest = done.stderr.splitlines()
    assert first.startswith(
        "/etc/shop.conf is not accepted by its check, so nothing was switched (exit code 3 after "
    )
    assert [line.strip() for line in rest] == [*map(str, range(12, 31)), "wrong"]


def test_a_check_reads_nothing_of_what_the_deploy_sends() -> None:
    assert judge("sh", "-c", "! read line", secrets=b'A="1"\n').returncode == 0


def test_what_a_check_says_is_told_without_a_secret() -> None:
    variables = {"A": "hunter2", "B": 'hunter2 "and" \\more', "C": "", "D": "(A)"}
    script = 'printf "%s|" "$@"; exit 1'
    said = judge("sh", "-c", script, "x", *variables.values(), secrets=render(variables)).stderr
    assert said.splitlines()[1].strip() == "(A)|(B)||(D)|"
    assert judge("sh", "-c", "echo seen; exit 1").stderr.splitlines()[1] == "  seen"


# check-imports


def check(
    folder: Path, *modules: str, environment: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run it as a release is checked: with nothing around it but what is given."""
    interpreter = [sys.executable, "-B", "-I"]
    return subprocess.run(
        ["env", "-i", "PATH=/usr/bin:/bin", *interpreter, f"{HOST}/check-imports", *modules],
        input=environment,
        cwd=folder,
        capture_output=True,
    )


def test_what_can_be_imported_is_no_news(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    (tmp_path / "src/b").mkdir(parents=True)
    (tmp_path / "src/b/__init__.py").write_text("import a\n")
    done = check(tmp_path, "a", "b", "json")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert not list(tmp_path.rglob("__pycache__"))


def test_every_module_that_fails_is_named_with_its_place(tmp_path: Path) -> None:
    faults = {
        "a": "x = 1\nraise ValueError('no\\tgood')\n",
        "good": "",
        "b": "import no_such_thing\n",
        "c": "raise SystemExit(0)\n",
        "d": "def f(:\n",
        "e": "raise KeyboardInterrupt\n",
    }
    for name, text in faults.items():
        (tmp_path / f"{name}.py").write_text(text)
    done = check(tmp_path, *faults, "missing")
    assert done.returncode == 1
    said = done.stdout.decode()
    lines = [line.strip() for line in said.splitlines()]
    assert lines[0] == "The release can't be imported here, so nothing was switched:"
    assert [line.split(":")[0] for line in lines[1:-1]] == [
        f"import {name}" for name in ("a", "b", "c", "d", "e", "missing")
    ]
    assert f"import a: ValueError: no\tgood ({tmp_path}/a.py:2)" in lines
    missing = "ModuleNotFoundError: No module named 'no_such_thing'"
    assert f"import b: {missing} ({tmp_path}/b.py:1)" in lines
    assert "import c: SystemExit: 0" in said
    assert "skip_imports" in lines[-1]


def test_a_module_in_the_folder_of_the_caller_or_the_user_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "release").mkdir()
    (tmp_path / "stranger.py").touch()
    assert check(tmp_path / "release", "stranger").returncode == 1


names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True).filter(
    lambda name: not name.startswith(("PYTHON", "LC_", "LANG"))
)
values = st.text(
    st.one_of(
        st.sampled_from("\\\"'` $#%;=~{}*\t"),
        st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]),
    ),
    max_size=20,
)
HARD = {"A": "a\\", "B": '"', "C": '\\"', "D": "#", "E": " x ", "F": "", "G": "'", "H": "ü€"}


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(variables=st.dictionaries(names, values, max_size=5))
@example(variables=HARD)
def test_an_application_is_checked_with_the_values_that_were_described(
    variables: Mapping[str, str], tmp_path: Path
) -> None:
    (tmp_path / "told.py").write_text(
        "import os\n"
        "with open('told', 'wb') as file:\n"
        "    file.write(b'\\0'.join(b'='.join(pair) for pair in os.environb.items()))\n"
    )
    done = check(tmp_path, "told", environment=render(variables))
    assert (done.returncode, done.stdout) == (0, b"")
    told = (tmp_path / "told").read_bytes().decode().split("\0")
    seen = dict(line.split("=", 1) for line in told)
    # Left by env -i, and by Python for the sake of UTF-8.
    expected = {"PATH": "/usr/bin:/bin", **variables}
    assert {name: seen[name] for name in expected} == expected
    assert set(seen) - set(expected) <= {"LC_CTYPE"}


def systemd_reads(text: str) -> dict[str, str]:
    """Environment files as systemd.exec(5) and env-file.c have them, for values in double quotes.

    A backslash before ``"``, a backslash, a backtick or ``$`` is dropped; before anything else
    it stays.
    """
    variables = {}
    for line in text.split("\n"):
        if not line or line[0] in "#;":
            continue
        name, _, rest = line.partition("=")
        assert rest[0] == rest[-1] == '"'
        value, letters = "", iter(rest[1:-1])
        for letter in letters:
            if letter == "\\":
                following = next(letters)
                value += following if following in '"\\`$' else f"\\{following}"
            else:
                assert letter != '"', "the value ends before its line does"
                value += letter
        variables[name] = value
    return variables


@given(st.dictionaries(names, values))
@example(HARD)
def test_systemd_reads_an_environment_file_as_it_was_described(
    variables: Mapping[str, str],
) -> None:
    assert systemd_reads(render(variables).decode()) == variables


@given(st.dictionaries(names, values))
@example(HARD)
def test_a_shell_like_reader_does_too(variables: Mapping[str, str]) -> None:
    words = shlex.split(render(variables).decode(), comments=True)
    assert dict(word.split("=", 1) for word in words) == variables


def test_an_environment_file_is_sorted_and_says_who_wrote_it() -> None:
    assert render({"B": "2", "A": "1"}) == (
        b'# Written by homeport; a change made here is put back by the next deploy.\nA="1"\nB="2"\n'
    )
