"""What somebody did to a venv is found and named, and a venv that is built anew has no findings.

Each fault is done to a real venv, and looked for by the real probe.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uv

from homeport.artifacts import PythonPlatform
from homeport.operations.venvs import kind as venvs
from homeport.operations.venvs.drift import Drift
from homeport.operations.venvs.installed import FUNCTIONS
from homeport.operations.venvs.resources import Venv
from tests.support.real_delivery import as_root
from tests.support.sample_app import TARGET
from tests.support.venv_host import PYTHON, Host, make_wheel, real

pytestmark = [real, as_root]
SITE = f"lib/python{TARGET.python}/site-packages"
FILES = {
    "lib_alpha/__init__.py": "",
    "lib_alpha/deep/inner.py": "value = 1\n",
    "lib_alpha/ünlesbar.txt": "a name that is not ASCII\n",
    "lib_alpha/a, b.txt": "a name that RECORD has to quote\n",
    "alpha-1.0.data/scripts/alpha-tool": "#!python\nprint('tool')\n",
    "alpha-1.0.data/data/share/alpha/data.txt": "data\n",
    "alpha-1.0.data/headers/alpha.h": "int alpha;\n",
    "alpha-1.0.data/platlib/plat_alpha.py": "",
    "alpha-hook.pth": "import sys; sys.alpha = 1\n",
}


@dataclass
class Built:
    """A venv that was built, in which something is to be done."""

    host: Host
    venv: Venv

    @property
    def path(self) -> Path:
        return Path(self.venv.path)

    @property
    def site(self) -> Path:
        return self.path / SITE

    def findings(self, deeply: bool = False) -> set[tuple[str, str]]:
        venv = self.host.deeply(self.venv) if deeply else self.venv
        drifts = [(drift.kind, drift.what) for drift in self.host.drifts(venv)]
        assert len(drifts) == len(set(drifts)), "something is told twice"
        return set(drifts)

    def pip(self, *wheels: Path) -> None:
        """Install wheels as somebody would by hand."""
        base = [uv.find_uv_bin(), "pip", "install", "--quiet", "--no-cache", "--no-index"]
        python = ["--python", f"{self.path}/bin/python", "--reinstall", "--no-deps"]
        subprocess.run([*base, *python, *map(str, wheels)], check=True)

    def make(self, name: str, version: str = "1.0", **files: str) -> Path:
        folder = self.host.root / f"other-{len(list(self.host.root.iterdir()))}"
        return make_wheel(folder, name, version, files).path


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Host, Venv]]:
    with pytest.MonkeyPatch.context() as patch:
        host = Host(tmp_path_factory.mktemp("template"), patch)
        alpha = make_wheel(host.root, "alpha", files=FILES)
        beta = make_wheel(host.root, "beta", hashed=False)
        venv = host.venv("v1", alpha, beta)
        (done,) = host.deploy(venv)
        assert (done.returncode, done.stderr) == (0, "")
        whole = host.root / "whole"
        shutil.copytree(venv.path, whole, symlinks=True)
        yield host, venv


@pytest.fixture
def built(template: tuple[Host, Venv]) -> Built:
    host, venv = template
    subprocess.run(["rm", "-rf", venv.path], check=True)
    shutil.copytree(host.root / "whole", venv.path, symlinks=True)
    return Built(host, venv)


def write(path: str, text: str) -> Callable[[Built], None]:
    def fault(built: Built) -> None:
        (built.path / path).parent.mkdir(parents=True, exist_ok=True)
        (built.path / path).write_text(text)

    return fault


def remove(*paths: str) -> Callable[[Built], None]:
    def fault(built: Built) -> None:
        for path in paths:
            for there in list(built.path.glob(path)):
                shutil.rmtree(there) if there.is_dir() else there.unlink()

    return fault


def link(path: str, target: str) -> Callable[[Built], None]:
    def fault(built: Built) -> None:
        (built.path / path).unlink(missing_ok=True)
        (built.path / path).symlink_to(target)

    return fault


def cfg(old: str, new: str) -> Callable[[Built], None]:
    def fault(built: Built) -> None:
        file = built.path / "pyvenv.cfg"
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))

    return fault


Finding = tuple[str, str]
LEAK = "include-system-site-packages"
# What somebody did, and all that an ordinary look tells of it.
SHALLOW: dict[str, tuple[Callable[[Built], None], set[Finding]]] = {
    "a package that was installed": (
        lambda built: built.pip(built.make("theirs", "2.0")),
        {("extra", "theirs")},
    ),
    "a package in another version": (
        lambda built: built.pip(built.make("beta", "0.9")),
        {("other version", "beta")},
    ),
    "a second version of a package": (
        lambda built: (built.site / "beta-2.0.dist-info").mkdir(),
        {("other version", "beta")},
    ),
    "a package from another wheel of its version": (
        lambda built: built.pip(built.make("beta", "1.0", **{"new.py": ""})),
        {("other hash", "beta")},
    ),
    "a package without its RECORD": (
        remove(f"{SITE}/beta-1.0.dist-info/RECORD"),
        {("other hash", "beta")},
    ),
    "a package that is gone": (
        remove(f"{SITE}/beta*", "bin/beta"),
        {("missing", "beta")},
    ),
    "a package of which only the metadata is there": (
        remove(f"{SITE}/lib_alpha"),
        {("lost file", f"{SITE}/lib_alpha")},
    ),
    "a module that somebody put there": (
        write(f"{SITE}/theirs.py", ""),
        {("foreign file", f"{SITE}/theirs.py")},
    ),
    "a package that became a link": (
        lambda built: (
            shutil.move(built.site / "lib_alpha", built.host.root / "moved"),
            link(f"{SITE}/lib_alpha", f"{built.host.root}/moved")(built),
            shutil.rmtree(built.host.root / "moved"),
        )[1],
        {("edited file", f"{SITE}/lib_alpha")},
    ),
    "a script that somebody put there": (
        write("bin/theirs", "#!/bin/sh\n"),
        {("foreign file", "bin/theirs")},
    ),
    "a name that is no text": (
        lambda built: Path(os.fsdecode(os.fsencode(built.site) + b"/\xff\n\t")).touch(),
        {("foreign file", f"{SITE}/??")},
    ),
    "a pipe that nobody writes to": (
        lambda built: os.mkfifo(built.site / "theirs.pth"),
        {("start-up file", f"{SITE}/theirs.pth")},
    ),
    "a file that adds to the path": (
        write(f"{SITE}/theirs.pth", "/opt/theirs\n"),
        {("start-up file", f"{SITE}/theirs.pth")},
    ),
    "a link that adds to the path": (
        link(f"{SITE}/theirs.pth", "/opt/theirs.pth"),
        {("start-up file", f"{SITE}/theirs.pth")},
    ),
    "a file that adds to the path, of a wheel, edited": (
        write(f"{SITE}/alpha-hook.pth", "/opt/theirs\n"),
        {("start-up file", f"{SITE}/alpha-hook.pth")},
    ),
    "a sitecustomize": (
        write(f"{SITE}/sitecustomize.py", ""),
        {("start-up file", f"{SITE}/sitecustomize.py")},
    ),
    "a usercustomize that is a package": (
        write(f"{SITE}/usercustomize/__init__.py", ""),
        {("start-up file", f"{SITE}/usercustomize")},
    ),
    "the system's packages let in": (
        cfg(f"{LEAK} = false", f"{LEAK.title()}=TRUE"),
        {("system packages", "pyvenv.cfg")},
    ),
    "the system's packages not kept out": (
        cfg(f"{LEAK} = false\n", ""),
        {("system packages", "pyvenv.cfg")},
    ),
    "a pyvenv.cfg that is gone": (remove("pyvenv.cfg"), {("system packages", "pyvenv.cfg")}),
    "a pyvenv.cfg that is edited": (
        cfg("home = /usr/bin", "home = /usr/local/bin"),
        {("edited file", "pyvenv.cfg")},
    ),
    "an interpreter that is gone": (
        remove("bin/python"),
        {("interpreter", "bin/python")},
    ),
    "an interpreter that is gone from the system": (
        link("bin/python", "/usr/bin/python3.0"),
        {("interpreter", "bin/python")},
    ),
    "an interpreter that is no Python": (
        lambda built: link("bin/python", "/bin/true")(built),
        {("interpreter", "bin/python")},
    ),
    "an interpreter that says nothing understandable": (
        lambda built: (
            remove("bin/python")(built),
            write("bin/python", "#!/bin/sh\necho 3.11; echo venv /etc\n")(built),
            (built.path / "bin/python").chmod(0o755),
        )[0],
        {("interpreter", "bin/python")},
    ),
    "an interpreter that is reached another way": (
        link("bin/python", f"../../../../../../../../../../../..{PYTHON}"),
        {("interpreter", "bin/python")},
    ),
    "a venv that is gone": (
        lambda built: shutil.rmtree(built.path),
        {("not there", "the venv")},
    ),
    "a file in place of the venv": (
        lambda built: (shutil.rmtree(built.path), built.path.touch())[1],
        {("not there", "the venv")},
    ),
    "a venv of which nobody kept what it was": (
        remove(".homeport"),
        {("not known", "what it was built of")},
    ),
}
ALPHA = f"{SITE}/lib_alpha"
INNER = f"{ALPHA}/deep/inner.py"
CODE = f"{ALPHA}/deep/__pycache__/inner.cpython-311.pyc"


def compiled(built: Built) -> None:
    """Put byte code in the place of a module's own, so that Python takes it without a word."""
    source = built.path / INNER
    times = source.stat()
    text = source.read_text()
    source.write_text("value = 2\n")
    os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns))
    subprocess.run([PYTHON, "-I", "-m", "py_compile", str(source)], check=True)
    source.write_text(text)
    os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns))


def another_wheel(built: Built) -> None:
    """Another wheel of the same version, and what was kept of the first made to fit."""
    built.pip(built.make("beta", "1.0", **{"more_beta.py": ""}))
    script = f"set -eu\ncd {built.path}\n{FUNCTIONS}rm -r $kept\nkeep\n"
    subprocess.run(["sh", "-c", script], check=True)


# What only a look at every file finds.
DEEP: dict[str, tuple[Callable[[Built], None], set[Finding]]] = {
    "a file that is edited": (write(INNER, "value = 2\n"), {("edited file", INNER)}),
    "a file that is gone": (remove(INNER), {("lost file", INNER)}),
    "a file of a package's own, with a strange name, edited": (
        write(f"{ALPHA}/ünlesbar.txt", "theirs"),
        {("edited file", f"{ALPHA}/??nlesbar.txt")},
    ),
    "a file that somebody put into a package": (
        write(f"{ALPHA}/deep/theirs.py", ""),
        {("foreign file", f"{ALPHA}/deep/theirs.py")},
    ),
    "a file replaced by a link to its like": (
        lambda built: (
            (built.path / INNER).rename(built.host.root / "inner.py"),
            link(INNER, f"{built.host.root}/inner.py")(built),
        )[1],
        {("lost file", INNER), ("foreign file", INNER)},
    ),
    "a link to elsewhere": (
        link(f"{ALPHA}/theirs", "/opt/theirs"),
        {("foreign file", f"{ALPHA}/theirs")},
    ),
    "byte code that is not of its source": (compiled, {("edited file", CODE)}),
    "byte code without a source": (
        write(f"{ALPHA}/deep/theirs.pyc", ""),
        {("edited file", f"{ALPHA}/deep/theirs.pyc")},
    ),
    "a script that is edited": (
        write("bin/beta", "#!/bin/sh\n"),
        {("edited file", "bin/beta")},
    ),
    "a script of a wheel that is edited": (
        write("bin/alpha-tool", "#!/bin/sh\n"),
        {("edited file", "bin/alpha-tool")},
    ),
    "data that is edited": (
        write("share/alpha/data.txt", "theirs"),
        {("edited file", "share/alpha/data.txt")},
    ),
    "a package from another wheel, whoever hides it": (
        another_wheel,
        {("other hash", "beta")},
    ),
}


@pytest.mark.parametrize("fault", SHALLOW)
def test_installed__what_somebody_did_is_named_by_an_ordinary_look(
    fault: str, built: Built
) -> None:
    do, expected = SHALLOW[fault]
    do(built)
    assert built.findings() == expected
    deeply = built.host.drifts(built.host.deeply(built.venv))
    assert {(drift.kind, drift.what) for drift in deeply if not drift.file_level} == expected


@pytest.mark.parametrize("fault", DEEP)
def test_installed__what_somebody_did_inside_a_package_is_named_by_a_deep_look(
    fault: str, built: Built
) -> None:
    do, expected = DEEP[fault]
    do(built)
    assert built.findings() == set()
    assert built.findings(deeply=True) == expected
    assert all(drift.file_level for drift in built.host.drifts(built.host.deeply(built.venv)))


# One of each way in which a venv could stand in the way of another; the others differ in no way
# that a build could see.
IN_THE_WAY = (
    *("a package that was installed", "a name that is no text", "a pipe that nobody writes to"),
    *("an interpreter that is gone", "the system's packages let in", "a venv that is gone"),
    *("a file in place of the venv", "a venv of which nobody kept what it was"),
    *("a file that is edited", "a link to elsewhere"),
)


@pytest.mark.parametrize("fault", IN_THE_WAY)
def test_installed__a_venv_that_drifted_is_built_anew_and_has_no_findings(
    fault: str, built: Built
) -> None:
    do, _ = (SHALLOW | DEEP)[fault]
    do(built)
    venv = built.host.deeply(built.venv)
    (done,) = built.host.deploy(venv)
    assert (done.returncode, done.stderr) == (0, "")
    assert built.host.drifts(venv) == []


def test_installed__a_venv_that_was_built_has_no_findings(built: Built) -> None:
    assert built.findings() == set()
    assert built.findings(deeply=True) == set()


def test_installed__to_use_a_venv_is_no_finding(built: Built) -> None:
    for command in ("bin/beta", "bin/alpha-tool"):
        subprocess.run([str(built.path / command)], check=True, capture_output=True)
    code = "import alpha, beta, lib_alpha.deep.inner, plat_alpha"
    subprocess.run([f"{built.path}/bin/python", "-c", code], check=True)
    assert built.findings(deeply=True) == set()


def test_installed__nothing_in_a_venv_is_run_by_looking_at_it(built: Built) -> None:
    evil = f"open({str(built.host.root / 'ran')!r}, 'w')"
    for name in ("sitecustomize.py", "usercustomize.py", "sys.py", "encodings.py"):
        (built.site / name).write_text(evil)
    (built.site / "evil.pth").write_text(f"import os; {evil}\n")
    built.findings(deeply=True)
    assert not (built.host.root / "ran").exists()


def test_installed__a_python_of_another_version_is_told(built: Built) -> None:
    other = Venv(built.venv.path, built.venv.lock, PythonPlatform("amd64", "3.9", "12"))
    drifts = built.host.drifts(other)
    assert Drift("interpreter", "bin/python", "is Python 3.11, not 3.9") in drifts


def test_installed__each_of_two_venvs_has_its_own_findings(built: Built) -> None:
    gamma = built.host.venv("v2", make_wheel(built.host.root / "g", "gamma"))
    (done,) = built.host.deploy(gamma)
    assert done.returncode == 0
    (built.site / "theirs.py").touch()
    shutil.rmtree(Path(gamma.path, SITE, "gamma-1.0.dist-info"))
    found = built.host.probe(built.venv, gamma)
    (one,) = venvs.drifts_of(built.venv, found)
    assert (one.kind, one.what) == ("foreign file", f"{SITE}/theirs.py")
    (other,) = venvs.drifts_of(gamma, found)
    assert (other.kind, other.what) == ("missing", "gamma")
    shutil.rmtree(gamma.path)


def test_installed__what_many_files_differ_in_is_told_once_for_a_package(built: Built) -> None:
    built.pip(built.make("alpha", "0.9", **{f"lib_alpha/{n}.py": "" for n in range(99)}))
    findings = {
        (kind, what) for kind, what in built.findings(deeply=True) if what.startswith("lib")
    }
    assert ("other version", "alpha") in built.findings(deeply=True)
    assert findings == set()


def test_installed__a_name_with_a_line_break_leads_to_no_file_outside(tmp_path: Path) -> None:
    outside = tmp_path / "out.dist-info/RECORD"
    inside = tmp_path / "venv" / SITE / "x\nx " / outside.relative_to("/")
    for path in (outside, inside):
        path.parent.mkdir(parents=True)
        path.write_text("not ours to read")
    script = f"set -eu\ncd {tmp_path}/venv\n{FUNCTIONS}verify_files\n"
    done = subprocess.run(["sh", "-c", script], check=True, capture_output=True, text=True)
    assert "\ntext\t" not in done.stdout
    assert "out.dist-info" in done.stdout
