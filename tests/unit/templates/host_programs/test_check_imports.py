"""What templates.host_programs.check_imports promises."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

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
    assert lines[0] == "The release can't be imported here, so nothing was switched:"
    assert [line.split(":")[0] for line in lines[1:-1]] == [
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
