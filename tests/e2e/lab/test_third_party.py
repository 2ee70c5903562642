"""Applications of others, from an index: deployed from an application file alone."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

import lab
from tests.e2e.lab.project import Deploy, Project

RADICALE, DATASETTE = "examples/radicale", "examples/datasette"
PASSWORD = "a-password-that-must-never-be-seen"
CONFIG = "/etc/homeport/radicale/config/radicale.conf"


class Application:
    """One of the examples, in a copy of the project."""

    def __init__(self, project: Project, folder: str, host: str) -> None:
        self.project, self.folder, self.host = project, folder, host
        self.options = ("--limit", host, "--data", f"app_file={folder}/app.yml")

    def deploy(self) -> Deploy:
        return self.project.deploy(*self.options)

    def converge(self) -> Deploy:
        return self.project.converge(*self.options)

    def prove(self) -> subprocess.CompletedProcess[str]:
        return self.project.prove(f"--limit={self.host}", f"--data=app_file={self.folder}/app.yml")

    def edit(self, file: str, old: str, new: str) -> None:
        self.project.edit(f"{self.folder}/{file}", old, new)


def secret(project: Project) -> None:
    """Keep the secret that Radicale's example refers to."""
    path = project.folder / RADICALE / "secrets/password"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(PASSWORD)


def process(host: str, unit: str) -> str:
    return lab.run(host, f"systemctl show -p InvocationID --value {unit}").stdout.strip()


@pytest.fixture(scope="module")
def staging(hosts: None) -> Iterator[str]:
    """Return a host that is new at the end, as others expect it."""
    yield "staging"
    lab.reset("staging")


@pytest.fixture
def radicale(project: Project, staging: str) -> Application:
    """Return Radicale's example, to edit, on a host that has it as it stands in the project."""
    secret(project)
    application = Application(project, RADICALE, staging)
    application.converge()
    return application


def dav(host: str, password: str) -> str:
    """Return the status with which Radicale answers its user, who has this password."""
    ask = "curl -s -o /dev/null -w '%{http_code}' -X PROPFIND --config - "
    config = f'user = "radicale:{password}"'
    return lab.run(host, f"echo '{config}' | {ask} http://127.0.0.1:5232/radicale/").stdout


@pytest.fixture
def pi(hosts: None) -> Iterator[str]:
    """Return an aarch64 host, which is new at the end."""
    yield "pi"
    lab.reset("pi")


def test_both_examples_run_on_one_pi_and_do_not_disturb_each_other(
    project: Project, pi: str
) -> None:
    secret(project)
    radicale, datasette = (Application(project, name, pi) for name in (RADICALE, DATASETTE))
    radicale.converge()
    assert dav("pi", PASSWORD) == "207"
    assert dav("pi", "another") == "401"
    before = process("pi", "radicale-web")

    first = datasette.converge()
    assert ("services", "+", "datasette-database.service") in first.plan("pi")
    url = "http://127.0.0.1:8001/notes/notes.json?_shape=array"
    assert lab.run("pi", f"curl -s '{url}'").stdout == "[]"
    record = "cat /var/lib/homeport/datasette/init/database"
    done = lab.run("pi", record, root=True).stdout

    # Nothing is left to do for either, nothing ran twice, and each is proven beside the other.
    for application in (radicale, datasette):
        assert application.converge().changed == {}
        proof = application.prove()
        assert proof.returncode == 0, proof.stdout
    assert process("pi", "radicale-web") == before
    assert lab.run("pi", record, root=True).stdout == done
    assert "sqlite-utils create-table /var/lib/datasette/notes.db" in done


def test_a_configuration_that_its_check_refuses_changes_nothing_and_is_served_on(
    radicale: Application,
) -> None:
    host, folder = radicale.host, CONFIG.rpartition("/")[0]
    listing = f"ls -alR --time-style=full-iso {folder}; cat {folder}/*"
    before = process(host, "radicale-web"), lab.run(host, listing, root=True).stdout
    radicale.edit("templates/radicale.conf.j2", "htpasswd_encryption", "htpasswd_encrypton")
    radicale.edit("templates/users.j2", "{{ app }}", "other")
    done = radicale.deploy()
    assert done.code != 0
    assert f"{CONFIG} is not accepted by its check" in done.output
    assert "Invalid option 'htpasswd_encrypton'" in done.output
    assert PASSWORD not in done.output
    after = process(host, "radicale-web"), lab.run(host, listing, root=True).stdout
    # The folder itself was touched: what is staged lies in it for a while.
    assert [line for line in after[1].splitlines() if not line.endswith(" .")] == [
        line for line in before[1].splitlines() if not line.endswith(" .")
    ]
    assert after[0] == before[0]
    assert dav(host, PASSWORD) == "207"


def test_a_template_that_can_not_be_rendered_is_told_before_any_connection_is_made(
    radicale: Application,
) -> None:
    radicale.edit("templates/users.j2", "RADICALE_PASSWORD", "RADICALE_PASWORD")
    done = radicale.deploy()
    assert done.code == 1
    assert "templates/users.j2:1: config_files.users: the template can't be rendered" in done.output
    assert "there is no 'RADICALE_PASWORD'. Fix: correct the name" in done.output
    assert "Connecting" not in done.output
    assert "Traceback" not in done.output


def test_a_secret_in_a_configuration_file_is_never_shown_and_restarts_what_reads_it(
    radicale: Application,
) -> None:
    path = radicale.project.folder / RADICALE / "secrets/password"
    path.write_text("another-secret-password")
    dry = radicale.project.dry(*radicale.options)
    done = radicale.converge()
    assert ("config-files", "~", f"{CONFIG.rpartition('/')[0]}/users") in dry.plan(radicale.host)
    assert dry.plan(radicale.host) == done.plan(radicale.host)
    assert "(a secret: not shown)" in dry.output
    for password in (PASSWORD, "another-secret-password"):
        assert password not in dry.output + done.output
    assert dav(radicale.host, "another-secret-password") == "207"
    assert dav(radicale.host, PASSWORD) == "401"


def test_a_broken_configuration_is_not_proven_until_a_deploy_mends_it(
    radicale: Application,
) -> None:
    folder = CONFIG.rpartition("/")[0]
    break_it = f"chmod 444 {folder}/users; echo '# by hand' >>{CONFIG}"
    lab.run(radicale.host, break_it, root=True).check_returncode()
    proof = radicale.prove()
    assert proof.returncode == 1
    assert "it is a secret that others than root and radicale may read" in proof.stdout
    assert f"ConfigFile-{CONFIG}" in proof.stdout
    assert radicale.converge().changed.keys() == {"Config files"}
    fixed = radicale.prove()
    assert fixed.returncode == 0, fixed.stdout


def test_what_runs_once_is_tried_until_it_succeeds_and_then_never_again(
    radicale: Application,
) -> None:
    host, ran = radicale.host, "cat /var/lib/radicale/ran"
    init = """\
run_once:
  first: sh -c 'echo first >>{data}/ran'
  second:
    command: sh -c 'echo last words >&2; test -e {data}/allowed && echo second >>{data}/ran'
    timeout: 30
"""
    radicale.edit("app.yml", "processes:\n", f"{init}\nprocesses:\n")
    before = process(host, "radicale-web")
    try:
        failed = radicale.deploy()
        assert failed.code != 0
        assert "radicale-second.service failed, and the next deploy runs it again" in failed.output
        assert "last words" in failed.output
        assert lab.run(host, ran, root=True).stdout == "first\n"
        assert process(host, "radicale-web") == before
        proof = radicale.prove()
        assert (
            "it was never done: there is no /var/lib/homeport/radicale/init/second" in proof.stdout
        )

        lab.run(host, "touch /var/lib/radicale/allowed", root=True).check_returncode()
        done = radicale.converge()
        assert [target for kind, _, target in done.plan(host) if kind == "services"] == [
            "radicale-second.service"
        ]
        assert lab.run(host, ran, root=True).stdout == "first\nsecond\n"
        assert radicale.converge().changed == {}
        proof = radicale.prove()
        assert proof.returncode == 0, proof.stdout

        radicale.edit("app.yml", "echo first", "echo again")
        assert radicale.converge().changed.keys() == {"Units"}
        start = "systemctl start radicale-first.service"
        lab.run(host, start, root=True).check_returncode()
        assert lab.run(host, ran, root=True).stdout == "first\nsecond\n"
    finally:
        lab.run(host, "rm -rf /var/lib/homeport/radicale/init /var/lib/radicale/ran", root=True)
