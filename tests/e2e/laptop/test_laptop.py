"""What a deploy does to the laptop that it runs on: as an ordinary user, and twice nothing."""

from __future__ import annotations

import pwd
import shutil
from pathlib import Path

import pytest

from tests.e2e.lab.project import TOKEN
from tests.e2e.laptop.laptop import Laptop

LOUD = ("-y", "-vvv", "--debug", "--diff")


def test_a_dry_run_names_all_that_a_deploy_then_does_and_a_second_one_does_nothing(
    fresh: Laptop,
) -> None:
    dry = fresh.dry()
    assert dry.code == 0, dry.output
    assert not fresh.local.exists()
    assert not fresh.hook.exists()
    planned = fresh.plan_of(dry)
    kinds = dict.fromkeys(kind for kind, _, _ in planned)
    assert list(kinds) == ["files", "venvs", "git-hooks", "services"]
    assert ("git-hooks", "+", ".git/hooks/pre-commit") in planned

    assert fresh.plan_of(fresh.converge()) == planned
    before = fresh.state()
    again = fresh.converge("--debug")
    assert again.changed == {}
    assert again.output.count("Running command on localhost") == 1
    assert fresh.state() == before


def test_nothing_needs_root_and_nothing_is_outside_of_the_folder_but_the_hook(
    fresh: Laptop,
) -> None:
    outside = {path for path in fresh.folder.rglob("*") if fresh.home not in path.parents}
    fresh.converge()
    made = {path for path in fresh.folder.rglob("*") if fresh.home not in path.parents} - outside
    strange = {p for p in made if fresh.local != p and fresh.local not in p.parents}
    assert {p for p in strange if "__pycache__" not in p.parts} <= {
        fresh.hook,
        fresh.folder / "pyinfra-debug.log",
    }
    owners = {path.lstat().st_uid for path in [fresh.local, *fresh.local.rglob("*")]}
    assert owners == {pwd.getpwnam(fresh.user).pw_uid}
    assert fresh.local.stat().st_mode & 0o777 == 0o700


def test_what_was_deployed_is_proven_whether_it_runs_or_not(deployed: Laptop) -> None:
    proof = deployed.prove()
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert "no endpoint is described on these hosts" in proof.stdout
    with deployed.processes():
        again = deployed.prove("--disruptive")
    assert again.returncode == 0, again.stdout + again.stderr
    counts = {text.splitlines()[-1].split(" passed")[0] for text in (proof.stdout, again.stdout)}
    assert len(counts) == 1
    assert int(counts.pop()) > 15


def test_a_secret_is_in_its_file_and_in_nothing_that_is_printed(fresh: Laptop) -> None:
    dry = fresh.pyinfra("inventories/lab.py", "deploy.py", "--dry", *LOUD[1:])
    done = fresh.pyinfra("inventories/lab.py", "deploy.py", *LOUD)
    assert done.returncode == 0, done.stderr
    for run in (dry, done):
        assert TOKEN not in run.stdout + run.stderr
    secrets = fresh.local / "secrets"
    assert secrets.stat().st_mode & 0o777 == 0o600
    found = [p for p in fresh.local.rglob("*") if p.is_file() and TOKEN.encode() in p.read_bytes()]
    assert found == [secrets]


# What somebody did to the laptop, and what a deploy says that it puts right.
EDITS = {
    "a secret that others may read": ("chmod 644 local/secrets", "files ~ local/secrets"),
    "a variable": ("echo 'X=\"1\"' >>local/environment", "files ~ local/environment"),
    "the command": ("rm local/run", "files + local/run"),
    "a directory": ("rm -r local/runtime/web", "files + local/runtime/web"),
    "an open folder": ("chmod 755 local", "files ~ local"),
    "a package": ("rm -r local/venv/lib/python*/site-packages/flask-*", "venvs ~ local/venvs/"),
    "the venv in use": ("ln -sfn /usr local/venv", "services ~ local/venv"),
    "a hook": ("echo exit >>.git/hooks/pre-commit", "git-hooks ~ .git/hooks/pre-commit"),
}


def test_what_was_done_by_hand_is_named_and_put_right(deployed: Laptop) -> None:
    proof = deployed.prove()
    for script, _ in EDITS.values():
        deployed.run("sh", "-c", script).check_returncode()
    broken = deployed.prove()
    assert broken.returncode == 1
    for path in ("local/secrets", "local/environment", "local/run", "hooks/pre-commit"):
        assert f"{path}]" in broken.stdout

    named = [" ".join(change) for change in deployed.plan_of(deployed.dry())]
    assert len(named) == len(EDITS)
    for expected in (message for _, message in EDITS.values()):
        assert any(line.startswith(expected) for line in named), (expected, named)
    deployed.converge()
    assert deployed.converge().changed == {}
    assert deployed.prove().stdout.splitlines()[0] == proof.stdout.splitlines()[0]


def test_what_is_installed_is_held_against_the_lock_here_too(deployed: Laptop) -> None:
    report = ("inventories/laptop.py", "deploys/verify_deps.py")
    result = deployed.pyinfra(*report, "--data", "verify_files=yes")
    assert result.returncode == 0, result.stderr
    assert "matches the lock, byte for byte (9 packages)" in result.stdout + result.stderr

    code = "local/venv/lib/python*/site-packages/flask/app.py"
    deployed.run("sh", "-c", f'set -- {code}; echo "# mine" >>"$1"').check_returncode()
    result = deployed.pyinfra(*report, "--data", "verify_files=yes")
    assert result.returncode == 1
    output = result.stdout + result.stderr
    assert "flask/app.py is not what its wheel brought. Fix: pyinfra" in output
    deployed.converge("--data", "verify_files=yes")
    assert deployed.pyinfra(*report, "--data", "verify_files=yes").returncode == 0


def test_what_leaves_app_yml_leaves_the_laptop_but_not_with_the_data_in_it(
    deployed: Laptop,
) -> None:
    deployed.edit("app.yml", "processes:\n", "data: [full, empty]\nprocesses:\n")
    deployed.edit("app.yml", "  worker:\n", "  other: {command: sleep 9}\n  worker:\n")
    deployed.converge()
    (deployed.local / "data/full/kept").touch()
    deployed.edit("app.yml", "data: [full, empty]\n", "")
    deployed.edit("app.yml", "  other: {command: sleep 9}\n", "")
    hooks = (deployed.folder / "app.yml").read_text().partition("\ngit_hooks:")
    (deployed.folder / "app.yml").write_text(hooks[0])
    deployed.converge()
    assert not (deployed.local / "runtime/other").exists()
    assert not (deployed.local / "data/empty").exists()
    assert (deployed.local / "data/full/kept").exists()
    assert "other" not in (deployed.local / "Procfile").read_text()
    assert not deployed.hook.exists()
    assert deployed.converge().changed == {}
    shutil.rmtree(deployed.local / "data/full")


def test_a_laptop_that_lacks_something_is_told_all_of_it_and_not_changed(fresh: Laptop) -> None:
    packages = "apt_packages: [no-such-thing, dpkg, nor-this]"
    text = (fresh.folder / "app.yml").read_text()
    text = text.replace("\nenvironment:", f"\n{packages}\nenvironment:")
    python = text.partition('python: "')[2].partition('"')[0]
    (fresh.folder / "app.yml").write_text(text.replace(f'"{python}"', '"3.9"'))
    done = fresh.deploy()
    assert done.code != 0
    assert "there is no Python 3.9; install it: `uv python install 3.9`" in done.output
    assert "`sudo apt-get install no-such-thing nor-this`" in done.output
    assert "Traceback" not in done.output
    assert not fresh.local.exists()


@pytest.mark.parametrize(
    ("hosts", "message"),
    [
        ('("pi.local", {"host_type": "laptop"})', "pi.local is not the machine that deploys"),
        ('("@local", {"host_type": "latop"})', 'Fix: write host_type = "laptop"'),
    ],
)
def test_a_kind_that_does_not_fit_is_one_line_before_anything_connects(
    hosts: str, message: str, laptop: Laptop
) -> None:
    inventory = laptop.folder / "inventories/odd.py"
    inventory.write_text(f"odd = [{hosts}]\n")
    inventory.chmod(0o644)
    done = laptop.pyinfra("inventories/odd.py", "deploy.py", "-y")
    inventory.unlink()
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if message in line]
    assert line.startswith("inventory: host_type: ")
    assert "Connecting" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_sudo_made_is_told_before_anything_connects(fresh: Laptop) -> None:
    if Path("/proc/self").owner() != "root":
        pytest.skip("only root can make a folder that belongs to somebody else")
    fresh.local.mkdir()
    done = fresh.deploy()
    fresh.local.rmdir()
    assert done.code == 1
    assert "local: another user owns it" in done.output
    assert "sudo chown -R" in done.output
