"""Whether deploys are guarded is asked of systemd, of the program itself, and of its files."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from homeport.engine.kind import DesiredState
from homeport.operations.hostctl import program as shipped
from homeport.operations.hostctl.resources import HostProgram
from tests.production.described import hostctl

GUARD = HostProgram("shop")
PARTS = {
    **{f"{hostctl.LIBRARY}/{name}": text for name, text in shipped.modules().items()},
    **{file.path: file.content for file in shipped.entry_points()},
}
START = hashlib.sha256(shipped.START).hexdigest()
WELL = "".join(
    [
        "boot enabled\nstatus 0\n",
        *(f"unit {name}={value}\n" for name, value in hostctl.AS_LOADED.items()),
        *(f"holds {hashlib.sha256(text).hexdigest()}  {path}\n" for path, text in PARTS.items()),
    ]
)


def test_hostctl__a_program_that_runs_and_is_started_at_boot_has_no_fault() -> None:
    assert hostctl.faults(GUARD, WELL) == []


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (WELL.replace("enabled", "disabled"), "homeportctl-boot.service is not enabled"),
        (WELL.replace("enabled", ""), "homeportctl-boot.service is not enabled"),
        (WELL.replace("LoadState=loaded", "LoadState=masked"), "otherwise than LoadState=loaded"),
        (WELL.replace("DropInPaths=", "DropInPaths=/a.conf"), "otherwise than DropInPaths="),
        (WELL.replace(START, "0"), "__main__.py is not as it is shipped"),
        (f"{WELL}holds 0  {hostctl.LIBRARY}/more.py", "more.py is not as it is shipped"),
        (WELL.replace("status 0", "status 1"), "/usr/local/sbin/homeportctl does not run"),
        ("", "does not run"),
        (
            f"{WELL}loose /usr/local/lib/homeportctl/hostctl/transaction/lease.py\n",
            "others may write: loose /usr/local/lib/homeportctl/hostctl/transaction/lease.py",
        ),
        (f"{WELL}find: '/usr/local/lib/homeportctl/': No such file", "others may write: find: "),
    ],
)
def test_hostctl__one_that_does_not_has_its_fault(answer: str, fault: str) -> None:
    assert fault in "; ".join(hostctl.faults(GUARD, answer))


def test_hostctl__the_question_finds_what_others_may_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, library = tmp_path / "homeportctl", tmp_path / "lib.versions"
    program.write_text("#!/bin/sh\n[ $1 = status ]\n")
    program.chmod(0o755)
    library.mkdir(mode=0o755)
    (library / "lease.py").touch(mode=0o644)
    monkeypatch.setattr(hostctl, "PROGRAM", str(program))
    monkeypatch.setattr(hostctl, "LIBRARY", str(tmp_path / "lib"))
    (tmp_path / "lib").symlink_to(library)

    def answers() -> list[str]:
        script = hostctl.question(DesiredState("shop", (GUARD,)))
        done = subprocess.run(["sh"], input=script, capture_output=True, text=True, check=True)
        return [line for line in done.stdout.splitlines() if not line.startswith("boot")]

    # Who runs the tests may not be root: then all of it is somebody else's.
    before = answers()
    assert before[0] == "status 0"
    (library / "lease.py").chmod(0o666)
    assert f"loose {library}/lease.py" in answers()
    program.unlink()
    assert answers()[0] == "status 127"


def test_hostctl__where_nothing_guards_nothing_is_asked() -> None:
    assert hostctl.question(DesiredState("shop", ())) == ":"
