"""A release is proven to import before it is there, and never changed after."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport import artifacts
from homeport.artifacts import Lock, PythonPlatform, Wheel, build_artifact
from homeport.engine.kind import DesiredState, ProbeOutput
from homeport.engine.sandbox import Sandbox
from homeport.operations import releases
from homeport.operations.releases import Release, ReleasesState, StartedFrom
from homeport.operations.venvs.resources import Venv
from tests.support.fake_programs import write
from tests.support.fake_systemd_run import RUN, SYSTEMD_RUN
from tests.support.host_shells import LIBRARY
from tests.support.real_delivery import as_root, run_command
from tests.support.real_shell import checked
from tests.support.sample_app import ARTIFACT, EVERYTHING, RELEASE

PROGRAMS = Path(__file__).parents[3] / "templates/host_programs"
CHECK = PROGRAMS / "check-imports"
TARGET = PythonPlatform("amd64", "3.11", "12")
LINK = "../../venvs/v1"


class Host:
    """A place for releases beside a venv, and code to make releases of."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        monkeypatch.setenv("XDG_CACHE_HOME", str(root / "cache"))
        for module in ("GIT_DIR", "GIT_WORK_TREE"):
            monkeypatch.delenv(module, raising=False)
        self.source = root / "source"
        (self.source / "shop").mkdir(parents=True)
        (self.source / "shop/__init__.py").write_text("")
        (self.source / "shop/web.py").write_text("import os\n")
        (self.source / "read me").write_text("a name with a space\n")
        self.releases = root / "srv/releases"
        self.releases.mkdir(parents=True)
        interpreter = root / "srv/venvs/v1/bin/python"
        interpreter.parent.mkdir(parents=True)
        interpreter.symlink_to(sys.executable)
        for name, text in {"env": 'MODE="a b"\n', "sec": 'TOKEN="hunter22"\n'}.items():
            (root / name).write_text(text)
        (root / "run").write_text(RUN)
        (root / "run").chmod(0o755)
        (root / "programs").mkdir()
        write(root / "programs", "systemd-run", SYSTEMD_RUN)
        self.wheels: tuple[Wheel, ...] = ()
        monkeypatch.setattr(artifacts, "wheels_for", lambda lock, target, index: self.wheels)

    def release(self, name: str = "r1", **more: Any) -> Release:
        venv = Venv(f"{self.root}/srv/venvs/v1", Lock.of((), TARGET), TARGET, python=sys.executable)
        release = Release(
            f"{self.releases}/{name}",
            build_artifact(self.source),
            venv,
            str(CHECK),
            (f"{self.root}/env", f"{self.root}/sec"),
            self.sandbox("strictest"),
        )
        return replace(release, **more)

    def sandbox(self, name: str) -> Sandbox:
        """A sandbox whose name the code in it reads as SANDBOX, beside the described variables."""
        files = (f"EnvironmentFile={self.root}/{each}" for each in ("env", "sec"))
        properties = (*files, f"Environment=SANDBOX={name}")
        program = str(PROGRAMS / "run-confined")
        return Sandbox(
            "check-shop", program, f"{self.root}/run", f"{self.root}/sec", properties, LIBRARY
        )

    def plan(self, release: Release) -> list[tuple[str, str]]:
        description = DesiredState("shop", (release,))
        found = releases.parse(ProbeOutput(checked(releases.probe(description, "")), ""))
        return [(c.action, c.reason) for c in releases.diff(description, found)]

    def deploy(self, release: Release, **env: str) -> subprocess.CompletedProcess[str]:
        description = DesiredState("shop", (release,))
        found = releases.parse(ProbeOutput(checked(releases.probe(description, "")), ""))
        (command,) = releases.apply(description, found, releases.diff(description, found))
        return run_command(command, path=self.path, env=env)

    @property
    def path(self) -> str:
        """The PATH on which systemd-run is found."""
        return f"{self.root}/programs:/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(tmp_path, monkeypatch)


@as_root
def test_release_is_built_whole_and_found_as_it_is(host: Host) -> None:
    release = host.release()
    assert [action for action, _ in host.plan(release)] == ["add"]
    done = host.deploy(release)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert host.plan(release) == []
    place = Path(release.path)
    assert (place / "shop/web.py").read_text() == "import os\n"
    assert str((place / "venv").readlink()) == LINK
    assert [path.name for path in host.releases.iterdir()] == ["r1"]
    assert list(place.rglob("*.pyc"))


@as_root
def test_release_is_roots_and_everybody_may_read_but_not_write_it(host: Host) -> None:
    host.source.chmod(0o700)
    (host.source / "shop").chmod(0o700)
    (host.source / "shop/web.py").chmod(0o600)
    (host.source / "run.sh").write_text("")
    (host.source / "run.sh").chmod(0o777)
    release = host.release()
    assert host.deploy(release).returncode == 0
    for path in Path(release.path).rglob("*"):
        if not path.is_symlink():
            info = path.stat()
            assert info.st_uid == 0
            assert info.st_mode & 0o022 == 0
            assert info.st_mode & 0o044 == 0o044
    assert Path(release.path).stat().st_mode & 0o777 == 0o755


@as_root
@pytest.mark.parametrize("edit", ["change", "add", "remove", "venv", "no venv"])
def test_release_that_was_edited_on_the_host_is_built_anew(edit: str, host: Host) -> None:
    release = host.release()
    host.deploy(release)
    place = Path(release.path)
    match edit:
        case "change":
            (place / "shop/web.py").write_text("import os  # hacked\n")
        case "add":
            (place / "shop/more.py").touch()
        case "remove":
            (place / "read me").unlink()
        case "venv" | "no venv":
            (place / "venv").unlink()
            if edit == "venv":
                (place / "venv").symlink_to("../../venvs/v2")
    assert host.plan(release) == [("change", "its files were edited on the host; built anew")]
    assert host.deploy(release).returncode == 0
    assert host.plan(release) == []
    assert [path.name for path in host.releases.iterdir()] == ["r1"]
    assert not (Path(release.path) / "shop/more.py").exists()


@as_root
def test_releases__byte_code_that_python_wrote_is_no_edit(host: Host) -> None:
    release = host.release()
    host.deploy(release)
    (Path(release.path) / "shop/__pycache__/other.cpython-311.pyc").touch()
    assert host.plan(release) == []


@as_root
@pytest.mark.parametrize(
    ("code", "output"),
    [
        ("import no_such_module\n", "import shop: ModuleNotFoundError: No module named 'no_such"),
        ("def\n", "import shop: SyntaxError"),
        ("import sys; sys.exit(0)\n", "import shop: SystemExit: 0"),
        ("import os; os.environ['NEEDED']\n", "import shop: KeyError: 'NEEDED'"),
    ],
)
def test_release_that_does_not_import_is_not_there(code: str, output: str, host: Host) -> None:
    (host.source / "shop/__init__.py").write_text(code)
    done = host.deploy(host.release())
    assert done.returncode != 0
    assert output in done.stderr
    assert "nothing was switched" in done.stderr
    assert list(host.releases.iterdir()) == []


@as_root
def test_release_that_can_not_be_built_anew_stays_as_it_is(host: Host) -> None:
    release = host.release()
    host.deploy(release)
    (Path(release.path) / "edited").touch()
    (host.source / "shop/__init__.py").write_text("1 / 0\n")
    assert host.deploy(host.release()).returncode != 0
    assert (Path(release.path) / "edited").exists()
    assert [path.name for path in host.releases.iterdir()] == ["r1"]


@as_root
def test_release_imports_with_the_environment_that_it_will_run_with(host: Host) -> None:
    code = "import os\nassert os.environ['MODE'] == 'a b' and os.environ['TOKEN'] == 'hunter22'\n"
    (host.source / "shop/__init__.py").write_text(code)
    assert host.deploy(host.release(), MODE="other").returncode == 0


@as_root
def test_releases__no_secret_stands_in_the_command_or_is_told_when_an_import_fails(
    host: Host,
) -> None:
    (host.source / "shop/__init__.py").write_text("1 / 0\n")
    release = host.release()
    description = DesiredState("shop", (release,))
    (command,) = releases.apply(description, {}, releases.diff(description, {}))
    done = run_command(command, path=host.path)
    assert "ZeroDivisionError" in done.stderr
    assert "hunter22" not in command.get_raw_value() + done.stdout + done.stderr


@as_root
def test_releases__a_module_that_a_command_starts_from_is_imported_too(host: Host) -> None:
    (host.source / "shop/web.py").write_text("1 / 0\n")
    assert host.deploy(host.release()).returncode == 0
    done = host.deploy(host.release("r2", named=("shop.web", "elsewhere.app")))
    assert done.returncode != 0
    assert "import shop.web: ZeroDivisionError" in done.stderr
    assert "elsewhere" not in done.stderr
    skipped = host.release("r3", named=("shop.web",), skip_imports=("shop.web",))
    assert host.deploy(skipped).returncode == 0


def test_releases__what_is_imported_is_every_module_of_the_lock_and_then_of_the_application(
    host: Host,
) -> None:
    host.wheels = (
        Wheel("b.whl", "", Path(), 0, ("b1", "shared")),
        Wheel("a.whl", "", Path(), 0, ("a1", "shared", "skipped")),
    )
    release = host.release(skip_imports=("skipped",), named=("b1.main", "other.main"))
    assert release.modules() == ["b1", "shared", "a1", "shop", "b1.main"]


@as_root
def test_releases__an_upload_that_breaks_off_leaves_no_release(host: Host) -> None:
    release = host.release()
    description = DesiredState("shop", (release,))
    (command,) = releases.apply(description, {}, releases.diff(description, {}))
    done = subprocess.run(
        ["sh", "-c", command.get_raw_value()],
        input=b"H4sIAAAA",
        capture_output=True,
    )
    assert done.returncode != 0
    assert list(host.releases.iterdir()) == []


def test_releases__a_plan_names_the_commit_and_what_is_not_in_it() -> None:
    (change,) = releases.diff(EVERYTHING, {})
    assert change.reason == f"new release, commit {'c' * 12}"
    dirty = replace(RELEASE, artifact=replace(ARTIFACT, commit=None, dirty=True))
    (change,) = releases.diff(DesiredState("shop", (dirty,)), {})
    assert change.reason == "new release, no commit, with changes not committed"


@given(
    st.none() | st.sampled_from([ARTIFACT.tree_digest, "0" * 64, ""]),
    st.sampled_from([LINK, "../../venvs/v2", ""]),
)
def test_releases__after_one_deploy_a_release_is_what_is_described(
    digest: str | None, link: str
) -> None:
    found = {} if digest is None else {RELEASE.path: ReleasesState(digest, link)}
    changes = releases.diff(EVERYTHING, found)
    as_it_is = found == {RELEASE.path: ReleasesState(ARTIFACT.tree_digest, LINK)}
    assert [change.target.name for change in changes] == ([] if as_it_is else [RELEASE.path])
    after = {
        change.target.name: ReleasesState(change.payload.artifact.tree_digest, LINK)
        for change in changes
    }
    assert releases.diff(EVERYTHING, {**found, **after}) == []


@pytest.mark.parametrize("text", ["digest", "digest link with space /srv/r", " "])
def test_releases__an_answer_that_is_not_understood_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="values to unpack"):
        releases.parse(ProbeOutput(text, ""))


def test_releases__a_laptops_release_is_its_users_who_also_imports_it(host: Host) -> None:
    me = pwd.getpwuid(os.geteuid()).pw_name
    release = replace(host.release(), sandbox=None, owner=me)
    done = host.deploy(release)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert host.plan(release) == []
    others = [("change", "others than nobody may write its files on the host; built anew")]
    assert host.plan(replace(release, owner="nobody")) == others


def seen(host: Host) -> dict[str, list[str]]:
    """The modules that were imported, by the sandbox that they were imported in."""
    found: dict[str, list[str]] = {}
    for line in (host.root / "seen").read_text().splitlines():
        sandbox, _, module = line.partition(" ")
        found.setdefault(sandbox, []).append(module)
    return found


@as_root
def test_releases__a_module_is_imported_in_the_sandbox_of_its_command_and_others_in_the_strictest(
    host: Host,
) -> None:
    (host.root / "env").write_text(f'SEEN="{host.root}/seen"\n')
    code = (
        "import os\nwith open(os.environ['SEEN'], 'a') as file:\n"
        "    file.write(f\"{os.environ['SANDBOX']} {__name__}\\n\")\n"
    )
    for name in ("alone", "along", "both"):
        (host.source / f"{name}.py").write_text(code)
    (host.source / "shop/sensor.py").write_text(f"import along, both\n{code}")
    part = StartedFrom(host.sandbox("lax"), ("shop.sensor", "elsewhere.app"))
    release = host.release(named=("both", "shop.sensor", "elsewhere.app"), started=(part,))
    done = host.deploy(release)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert seen(host) == {"lax": ["along", "both", "shop.sensor"], "strictest": ["alone", "both"]}


@as_root
def test_releases__a_module_that_its_own_sandbox_can_not_import_ends_the_deploy(
    host: Host,
) -> None:
    (host.source / "shop/sensor.py").write_text("1 / 0\n")
    part = StartedFrom(host.sandbox("lax"), ("shop.sensor",))
    done = host.deploy(host.release(named=("shop.sensor",), started=(part,)))
    assert done.returncode != 0
    assert "import shop.sensor: ZeroDivisionError" in done.stderr
    assert list(host.releases.iterdir()) == []


CANARY = "import os\nopen({!r}, 'a').write(f'{{os.getpid()}}\\n')\n"


@as_root
def test_releases__nothing_of_a_release_runs_outside_of_its_sandbox(host: Host) -> None:
    """Byte code is compiled without the start-up files of the venv and without its own modules."""
    for name in ("struct", "re", "sitecustomize", "compileall", "shop/__init__"):
        (host.source / f"{name}.py").write_text(CANARY.format(f"{host.root}/ran"))
    write(host.root / "programs", "systemd-run", "exit 0")
    venv = Path(host.release().venv.path)
    site = venv / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    site.mkdir(parents=True)
    (site / "canary.pth").write_text(f"import os; open('{host.root}/ran', 'a').write('pth')\n")
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\n")
    assert host.deploy(host.release()).returncode == 0
    assert list(Path(host.release().path).rglob("struct*.pyc"))
    assert not (host.root / "ran").exists()


def test_releases__a_laptops_imports_have_a_limit_of_their_own(host: Host) -> None:
    release = replace(host.release(), sandbox=None)
    description = DesiredState("shop", (release,))
    (command,) = releases.apply(description, {}, releases.diff(description, {}))
    assert "| timeout -k 5 80 " in command.get_raw_value()
    assert "systemd-run" not in command.get_raw_value()
