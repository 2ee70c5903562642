"""What templates.host_programs.check_imports promises."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from homeport.files.env_file import render
from tests.support.host_shells import HARD, HOST, names, values

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


def test_check_imports__what_can_be_imported_is_no_news(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    (tmp_path / "src/b").mkdir(parents=True)
    (tmp_path / "src/b/__init__.py").write_text("import a\n")
    done = check(tmp_path, "a", "b", "json")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert not list(tmp_path.rglob("__pycache__"))


def test_check_imports__every_module_that_fails_is_named_with_its_place(tmp_path: Path) -> None:
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
    output = done.stdout.decode()
    lines = [line.strip() for line in output.splitlines()]
    assert [line.split(":")[0] for line in lines[:-1]] == [
        f"import {name}" for name in ("a", "b", "c", "d", "e", "missing")
    ]
    assert f"import a: ValueError: no\tgood ({tmp_path}/a.py:2)" in lines
    missing = "ModuleNotFoundError: No module named 'no_such_thing'"
    assert f"import b: {missing} ({tmp_path}/b.py:1)" in lines
    assert "import c: SystemExit: 0" in output
    assert "skip_imports" in lines[-1]


def test_check_imports__a_module_in_the_folder_of_the_caller_or_the_user_is_not_found(
    tmp_path: Path,
) -> None:
    (tmp_path / "release").mkdir()
    (tmp_path / "stranger.py").touch()
    assert check(tmp_path / "release", "stranger").returncode == 1


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(variables=st.dictionaries(names, values, max_size=5))
@example(variables=HARD)
def test_check_imports__an_application_is_checked_with_the_values_that_were_described(
    variables: Mapping[str, str], tmp_path: Path
) -> None:
    (tmp_path / "told.py").write_text(
        "import os\n"
        "with open('told', 'wb') as file:\n"
        "    file.write(b'\\0'.join(b'='.join(pair) for pair in os.environb.items()))\n"
    )
    done = check(tmp_path, "told", environment=render(variables))
    assert (done.returncode, done.stdout) == (0, b"")
    environment = (tmp_path / "told").read_bytes().decode().split("\0")
    seen = dict(line.split("=", 1) for line in environment)
    # Left by env -i, and by Python for the sake of UTF-8.
    expected = {"PATH": "/usr/bin:/bin", **variables}
    assert {name: seen[name] for name in expected} == expected
    assert set(seen) - set(expected) <= {"LC_CTYPE"}


def as_service(folder: Path, *modules: str) -> subprocess.CompletedProcess[str]:
    """Run it as in a unit, where systemd gives the environment and `run` the path."""
    return subprocess.run(
        [sys.executable, "-B", "-P", f"{HOST}/check-imports", *modules],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def hurried(tmp_path: Path) -> Path:
    """The program, with a second for each import."""
    text = (HOST / "check-imports").read_text()
    assert "SECONDS = 60" in text
    program = tmp_path / "check-imports"
    program.write_text(text.replace("SECONDS = 60", "SECONDS = 1"))
    return program


@pytest.mark.parametrize(
    "code",
    [
        "import time\nwhile True:\n    time.sleep(5)\n",
        "import threading\nthreading.Event().wait()\n",
        "while True:\n    try:\n        input()\n    except BaseException:\n        pass\n",
    ],
)
def test_check_imports__an_import_that_does_not_end_is_ended_and_named(
    code: str, tmp_path: Path
) -> None:
    (tmp_path / "main.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "-B", "-I", hurried(tmp_path), "json", "main"],
        cwd=tmp_path,
        input="",
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 1
    fix = 'guard what it does with `if __name__ == "__main__"`, or name it under skip_imports:'
    assert done.stdout.startswith(f"importing main does not end; {fix} in app.yml ({tmp_path}/main")


def test_check_imports__what_a_module_starts_is_not_waited_for(tmp_path: Path) -> None:
    thread = "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()\n"
    (tmp_path / "thread.py").write_text(thread)
    child = "import os, time\nif not os.fork():\n    time.sleep(20)\n    os._exit(0)\n"
    (tmp_path / "child.py").write_text(child)
    done = subprocess.run(
        [sys.executable, "-B", "-I", f"{HOST}/check-imports", "thread", "child"],
        cwd=tmp_path, input="", capture_output=True, text=True, timeout=15,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_check_imports__a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (tmp_path / "metrics.py").write_text(
            f"import socket\nsocket.create_server(('127.0.0.1', {port}))\n"
        )
        done = as_service(tmp_path, "metrics")
    assert done.returncode == 1
    assert f"; port {port} is taken, perhaps by the release that runs:" in done.stdout
    assert "name metrics under skip_imports" in done.stdout


@pytest.mark.parametrize(
    ("code", "fix"),
    [
        ("raise FileNotFoundError(2, 'No such file', '.lgd-nfy-3')", "set LG_WD: /tmp"),
        ("raise OSError(30, 'Read-only file system', 'instance')", "$STATE_DIRECTORY names"),
        ("try:\n  1 / 0\nexcept Exception:\n  raise OSError(30, 'x')", "$STATE_DIRECTORY"),
    ],
)
def test_check_imports__what_writes_where_it_starts_is_led_to_where_it_may(
    code: str, fix: str, tmp_path: Path
) -> None:
    (tmp_path / "a.py").write_text(code)
    assert fix in as_service(tmp_path, "a").stdout


def test_check_imports__an_application_may_have_modules_of_the_standard_librarys_names(
    tmp_path: Path,
) -> None:
    names = sorted(
        name for name in sys.stdlib_module_names if name.isidentifier() and name[0] != "_"
    )
    # Python itself needs these before it runs anything, or has them built in.
    needed = {*sys.builtin_module_names, "encodings", "codecs", "io", "abc", "site", "os", "stat"}
    for name in {*names} - needed - {"posixpath", "genericpath"}:
        (tmp_path / f"{name}.py").write_text("")
    (tmp_path / "good.py").write_text("import traceback, signal, importlib\n")
    done = as_service(tmp_path, "good", "traceback")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_check_imports__what_was_imported_along_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import b\nprint('noise')\n")
    (tmp_path / "b.py").touch()
    (tmp_path / "c.py").touch()
    done = as_service(tmp_path, "a", "--", "b", "c")
    assert (done.returncode, done.stdout, done.stderr) == (0, "b\n", "")
