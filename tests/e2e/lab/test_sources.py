"""An application comes from a directory, a git repository or an index; its lock is either kind."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import lab
from homeport.description.server import TOOLS
from tests.e2e.lab.project import PINBOARD, ROOT, Project

UV = str(Path(sys.executable).with_name("uv"))


def run(*command: str, folder: Path) -> str:
    """Run a command of the test's own preparation, and return what it said."""
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def test_a_package_of_an_index_is_served_on_a_socket(project: Project, fresh: str) -> None:
    (project.folder / "requirements.in").write_text("gunicorn==23.0.0\n")
    compile_ = ("pip", "compile", "-q", "--generate-hashes", "--universal", "--python-version")
    options = ("3.11", "--no-emit-index-url", "requirements.in", "-o", "requirements.txt")
    run(UV, *compile_, *options, folder=project.folder)
    (project.folder / "app.yml").write_text(
        """\
name: packaged
source: {package: gunicorn, version: "23.0.0"}
python: "3.11"
requirements: requirements.txt
processes:
  web:
    command: gunicorn --bind unix:{socket} wsgiref.simple_server:demo_app
    listen: socket
    health: {ready: /}
"""
    )
    (project.folder / "group_data/staging.py").write_text("_sudo = True\n")
    project.converge("--limit", fresh)
    socket = "curl -s --unix-socket /run/homeport-sockets/packaged/web.sock http://localhost/"
    assert "Hello world!" in lab.run(fresh, socket, root=True).stdout
    assert project.converge("--limit", fresh).changed == {}


def test_a_git_ref_with_a_uv_lock_is_deployed_as_it_was_committed(
    project: Project, fresh: str, tmp_path: Path
) -> None:
    source, repository = project.folder / "examples/pinboard", tmp_path / "repository"
    lines = (source / "requirements.in").read_text().splitlines()
    names = [line.partition("#")[0].strip() for line in lines if line.partition("#")[0].strip()]
    (source / "pyproject.toml").write_text(
        f'[project]\nname = "pinboard"\nversion = "1"\nrequires-python = ">=3.11"\n'
        f"dependencies = {names!r}\n[tool.uv]\npackage = false\n"
    )
    run(UV, "lock", "-q", folder=source)
    run("git", "init", "-q", "-b", "main", str(repository), folder=tmp_path)
    run("cp", "-r", f"{ROOT}/examples/pinboard/pinboard", str(repository), folder=tmp_path)
    run("git", "add", ".", folder=repository)
    who = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    run("git", *who, "commit", "-q", "-m", "first", folder=repository)
    run("git", "tag", "v1", folder=repository)
    (repository / "pinboard/web.py").write_text("broken and not committed")

    project.edit(
        "app.yml", "source: examples/pinboard", f"source: {{git: 'file://{repository}', ref: v1}}"
    )
    project.edit("app.yml", "pinboard/requirements.txt", "pinboard/uv.lock")
    project.converge("--limit", fresh)
    assert '"ready":true' in lab.run(fresh, f"curl -s {PINBOARD}/health/ready").stdout
    assert project.converge("--limit", fresh).changed == {}


def test_a_host_without_a_way_out_gets_its_python_packages_all_the_same(
    project: Project, fresh: str
) -> None:
    # Debian's packages come from the host's own mirror; after them, nothing is fetched there.
    names = " ".join((*TOOLS, "nginx", "python3.11"))
    debian = f"apt-get update -qq && apt-get install -y -qq {names}"
    lab.run(fresh, debian, root=True).check_returncode()
    way = lab.run(fresh, "ip route show default", root=True).stdout.strip()
    lab.run(fresh, "ip route del default", root=True).check_returncode()
    try:
        project.converge("--limit", fresh)
        assert '"ready":true' in lab.run(fresh, f"curl -s {PINBOARD}/health/ready").stdout
    finally:
        lab.run(fresh, f"ip route add {way}", root=True).check_returncode()


def test_a_build_is_what_a_host_gets_whatever_became_of_the_source(
    project: Project, deployed: str
) -> None:
    project.edit("examples/pinboard/pinboard/__init__.py", '"1.0.0"', '"1.0.1"')
    file = "builds/pinboard.tar.gz"
    output = run(sys.executable, "-m", "homeport.build", "-o", file, folder=project.folder)
    (built,) = re.findall(r"pinboard ([0-9a-f]{12}),", output)
    (project.folder / "examples/pinboard/pinboard/web.py").write_text("broken since")
    (project.folder / "examples/pinboard/requirements.txt").write_text("broken as well")
    here = ("--limit", deployed, "--data", f"artifact={file}")
    project.converge(*here)
    current = lab.run(deployed, "readlink /srv/pinboard/current").stdout
    assert current.startswith(f"/srv/pinboard/releases/{built}-")
    assert '"version":"1.0.1"' in lab.run(deployed, f"curl -s {PINBOARD}/health/ready").stdout
    assert project.converge(*here).changed == {}
    assert project.deploy("--limit", deployed).code == 1


def test_a_host_gets_what_git_knows_and_what_is_included_and_no_secret(
    project: Project, deployed: str
) -> None:
    source, git = project.folder / "examples/pinboard", ("git", "-c", "user.name=t")
    (source / ".gitignore").write_text("deploy_key.pem\n/static/\n*.sqlite\n")
    run("git", "init", "-q", folder=source)
    run("git", "add", ".", folder=source)
    run(*git, "-c", "user.email=t@example.org", "commit", "-q", "-m", "first", folder=source)
    (source / "static").mkdir()
    for name in ("deploy_key.pem", "static/built.css", "static/other.css", "notes.sqlite"):
        (source / name).write_text("a build, or a secret")
    (source / "deploy_key.pem").chmod(0o600)
    included = "source: {path: examples/pinboard, include: [static/built.css]}"
    project.edit("app.yml", "source: examples/pinboard", included)
    here = ("--limit", deployed)
    planned = project.dry(*here).output
    assert "deploy_key.pem, notes.sqlite, static/other.css (ignored by git)" in planned
    project.converge(*here)
    shipped = lab.run(
        deployed, "cd /srv/pinboard/current/ && find . -path ./venv -prune -o -type f"
    )
    assert "./static/built.css" in shipped.stdout
    assert "./pinboard/web.py" in shipped.stdout
    leaked = lab.run(deployed, "find / -xdev -name deploy_key.pem -o -name other.css", root=True)
    assert leaked.stdout == ""
    (source / "pinboard/settings.py").write_text("-----BEGIN PRIVATE KEY-----\nMIIE\n")
    run("git", "add", ".", folder=source)
    refused = project.deploy(*here)
    assert refused.code == 1
    assert "pinboard/settings.py: has a private key in it" in refused.output
    assert "Connecting" not in refused.output


def test_a_git_ref_that_does_not_exist_is_told_before_connecting(
    project: Project, tmp_path: Path
) -> None:
    repository = tmp_path / "repository"
    run("git", "init", "-q", "-b", "main", str(repository), folder=tmp_path)
    project.edit(
        "app.yml", "source: examples/pinboard", f"source: {{git: 'file://{repository}', ref: v9}}"
    )
    done = project.deploy()
    assert done.code == 1
    assert "v9" in done.output
    assert "Connecting" not in done.output
    assert "Traceback" not in done.output
