"""A venv is built beside and renamed: one that is there is whole, and holds what the lock names."""

from __future__ import annotations

import base64
import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from homeport.artifacts import Lock, Pinned, PythonPlatform
from homeport.engine.kind import DesiredState
from homeport.operations.venvs import apply, kind
from homeport.operations.venvs.probe import VenvsState
from homeport.operations.venvs.resources import Venv
from tests.support.real_delivery import as_root, run_command, sent
from tests.support.sample_app import TARGET
from tests.support.venv_host import Host, make_wheel, real

NONE = VenvsState({}, frozenset(), uv=False)


@real
@as_root
def test_venv_is_built_from_what_is_sent_and_found_whole(host: Host) -> None:
    venv = host.venv("v1", make_wheel(host.root, "alpha"), make_wheel(host.root, "beta"))
    description = DesiredState("shop", (venv,))
    assert host.probe(venv) == NONE
    (done,) = host.deploy(venv)
    assert (done.returncode, done.stderr) == (0, "")
    assert host.imports(venv, "import alpha, beta; print(alpha.version)") == "1.0\n"
    found = host.probe(venv)
    assert kind.diff(description, found) == []
    assert found.uv
    assert len(found.wheels) == 2
    assert [path.name for path in host.venvs.iterdir()] == ["v1"]
    assert list(Path(venv.path).rglob("alpha*.pyc"))
    # Built beside and renamed: its scripts must not lead back to where they were made.
    done = subprocess.run([f"{venv.path}/bin/alpha"], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("runs\n", "")


@real
@as_root
def test_venvs__a_second_venv_gets_only_the_wheels_that_the_first_had_not(host: Host) -> None:
    alpha, beta = make_wheel(host.root, "alpha"), make_wheel(host.root, "beta")
    (done,) = host.deploy(first := host.venv("v1", alpha))
    assert done.returncode == 0
    wanted = first, host.venv("v2", alpha, beta)
    description, found = DesiredState("shop", wanted), host.probe(*wanted)
    (command,) = apply.apply(description, found, kind.diff(description, found))
    payload = sent(command.connector_arguments["_stdin"])
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(payload.partition(b"\n")[2]))) as tar:
        names = [name for name in tar.getnames() if not name.isupper()]
    assert names == [f"wheels/{beta.sha256}/{beta.filename}", "requirements.txt"]
    assert run_command(command).returncode == 0


@real
@as_root
def test_venvs__two_venvs_of_one_deploy_share_what_is_sent(host: Host) -> None:
    alpha, beta = make_wheel(host.root, "alpha"), make_wheel(host.root, "beta")
    wanted = host.venv("v1", alpha), host.venv("v2", alpha, beta)
    assert [done.returncode for done in host.deploy(*wanted)] == [0, 0]
    assert host.imports(wanted[1], "import alpha, beta") == ""


@real
@as_root
@pytest.mark.parametrize("fault", ["pruned", "rotten"])
def test_venvs__a_wheel_that_is_gone_or_rotten_since_the_probe_takes_no_other_with_it(
    host: Host, fault: str
) -> None:
    alpha, beta = make_wheel(host.root, "alpha"), make_wheel(host.root, "beta")
    assert [done.returncode for done in host.deploy(host.venv("v1", alpha, beta))] == [0]
    wanted, cache = host.venv("v2", beta, alpha), host.root / "cache/wheels"
    deploys = host.deploy(wanted)
    description, found = DesiredState("shop", (wanted,)), host.probe(wanted)
    (command,) = apply.apply(description, found, kind.diff(description, found))
    if fault == "pruned":
        shutil.rmtree(cache / alpha.sha256)
    else:
        (cache / alpha.sha256 / alpha.filename).write_bytes(b"rotten")
    done = run_command(command)
    assert done.returncode != 0
    assert "Fix: deploy again" in done.stderr
    assert [path.name for path in cache.iterdir()] == [beta.sha256]
    assert [done.returncode for done in deploys] == [0]
    assert host.imports(wanted, "import alpha, beta") == ""


@real
@as_root
def test_venvs__an_application_without_requirements_gets_a_python_all_the_same(host: Host) -> None:
    (done,) = host.deploy(venv := host.venv("v1"))
    assert (done.returncode, done.stderr) == (0, "")
    assert host.imports(venv, "print(1)") == "1\n"


@real
@as_root
@pytest.mark.parametrize("fault", ["content", "lock", "python"])
def test_venv_that_can_not_be_built_is_not_there_and_the_old_one_stays(
    fault: str, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = make_wheel(host.root, "alpha")
    venv = host.venv("v1", wheel)
    # Its interpreter is gone, as after an upgrade of the host: it is to be built again.
    (Path(venv.path) / "bin").mkdir(parents=True)
    (Path(venv.path) / "bin/python").symlink_to("/usr/bin/python3.0")
    if fault == "content":
        monkeypatch.setattr(apply, "sha256", lambda content: "0" * 64)
    elif fault == "lock":
        lock = Lock.of([Pinned("alpha", "1.0", ("0" * 64,))], TARGET)
        host.wheels[lock] = (wheel,)
        venv = Venv(venv.path, lock, TARGET)
    else:
        wrong = PythonPlatform("amd64", "3.9", "12")
        venv = Venv(venv.path, venv.lock, wrong)
    (done,) = host.deploy(venv)
    assert done.returncode != 0
    assert done.stderr
    assert [path.name for path in host.venvs.iterdir()] == ["v1"]
    assert (Path(venv.path) / "bin/python").is_symlink()


@real
@as_root
def test_venv_whose_interpreter_is_gone_is_built_again(host: Host) -> None:
    venv = host.venv("v1", make_wheel(host.root, "alpha"))
    (Path(venv.path) / "bin").mkdir(parents=True)
    (Path(venv.path) / "bin/python").symlink_to("/usr/bin/python3.0")
    (done,) = host.deploy(venv)
    assert done.returncode == 0
    assert host.imports(venv, "import alpha") == ""


@real
@as_root
def test_venvs__nothing_of_a_wheel_is_run_while_its_venv_is_built_or_probed(host: Host) -> None:
    canary = f"open('{host.root}/ran', 'a').write('x')"
    files = {
        "a.pth": f"import os; {canary}\n",
        "sitecustomize.py": f"{canary}\n",
        "struct.py": f"{canary}\n",
        "alpha-1.0.data/data/lib/python3.11/site-packages/b.pth": f"import os; {canary}\n",
    }
    venv = host.venv("v1", make_wheel(host.root, "alpha", files=files))
    (done,) = host.deploy(venv)
    assert (done.returncode, done.stderr) == (0, "")
    assert kind.diff(DesiredState("shop", (venv,)), host.probe(venv)) == []
    assert not (host.root / "ran").exists()
    assert host.imports(venv, "import alpha") == ""
    assert (host.root / "ran").exists(), "the canary never runs"


@real
@as_root
def test_venvs__a_pyvenv_cfg_that_names_another_python_is_run_by_no_probe(host: Host) -> None:
    (done,) = host.deploy(venv := host.venv("v1"))
    assert done.returncode == 0
    fake = host.root / "fake/lib/python3.11"
    (fake / "encodings").mkdir(parents=True)
    (fake / "os.py").touch()
    (fake / "encodings/__init__.py").write_text(f"open('{host.root}/ran', 'w')")
    (Path(venv.path) / "pyvenv.cfg").write_text(f"home = {host.root}/fake/bin\n")
    (change,) = kind.diff(DesiredState("shop", (venv,)), host.probe(venv))
    assert "pyvenv.cfg" in change.reason
    assert not (host.root / "ran").exists()
