"""A secret reaches its process, and nobody and nothing else."""

from __future__ import annotations

import re

import pytest

import lab
from homeport.hostctl.masking import Masks
from tests.e2e.lab.project import TOKEN, Project


@pytest.mark.parametrize("options", [("--dry", "--diff"), ("--dry", "--diff", "-vvv", "--debug")])
def test_a_secret_is_not_shown_by_a_dry_run(
    project: Project, fresh: str, options: tuple[str, ...]
) -> None:
    done = project.pyinfra("inventories/lab.py", "deploy.py", "--limit", fresh, *options)
    assert "(a secret: not shown)" in done.stdout + done.stderr
    assert TOKEN not in done.stdout + done.stderr


def test_a_secret_is_not_shown_by_the_loudest_deploy(project: Project, fresh: str) -> None:
    loud = ("-y", "-vvv", "--debug", "--diff", "--debug-facts", "--limit", fresh)
    done = project.pyinfra("inventories/lab.py", "deploy.py", *loud)
    assert done.returncode == 0, done.stderr
    assert TOKEN not in done.stdout + done.stderr
    result = project.pyinfra(
        "inventories/lab.py", "deploy.py", "-y", "--debug-operations", "--limit", fresh
    )
    assert TOKEN not in result.stdout + result.stderr


def test_a_changed_secret_is_shown_as_changed_and_no_more(project: Project, deployed: str) -> None:
    changed = "another-token-that-nobody-may-see"
    (project.folder / "secrets/pinboard-token").write_text(changed)
    dry = project.dry("--limit", deployed)
    assert [target for _, _, target in dry.plan(deployed)] == [
        "/etc/homeport/pinboard/secrets",
        "pinboard-web@.service",
        "pinboard-worker.service",
    ]
    done = project.converge("--limit", deployed, "-vvv", "--debug")
    for output in (dry.output, done.output):
        assert TOKEN not in output
        assert changed not in output
    body = '{"body": "hello"}'
    post = f"curl -s -o /dev/null -w '%{{http_code}}' -H @- -d '{body}' localhost:8000/notes"
    answer = lab.run(deployed, post, stdin=f"Authorization: Bearer {changed}\n")
    assert answer.stdout == "201"


def test_a_secret_is_in_no_process_list_while_it_is_delivered(project: Project, fresh: str) -> None:
    # Every command line that the host runs during a deploy, as often as can be looked.
    watch = "while [ ! -e /run/done ]; do cat /proc/[0-9]*/cmdline 2>/dev/null; done | tr '\\0' ' '"
    lab.run(fresh, f'nohup sh -c "{watch} > /run/seen" >/dev/null 2>&1 &', root=True)
    project.converge("--limit", fresh)
    lab.run(fresh, "touch /run/done", root=True)
    seen = lab.run(
        fresh, f"grep -c homeport-stage /run/seen; grep -c {TOKEN[:20]} /run/seen", root=True
    )
    staged, shown = seen.stdout.split()
    assert int(staged) > 0
    assert int(shown) <= 1  # the grep itself, in a look that it may not have escaped


SPILL = """\
import base64, json, os, sys, urllib.parse
token = os.environ["PINBOARD_TOKEN"]
forms = [token, token.upper(), repr(token), json.dumps(token), urllib.parse.quote(token, safe="")]
forms += [token[:12], token[9:24], base64.b64encode(b"ann:" + token.encode()).decode()]
hostile = "\\x1b]52;c;eA==\\x07\\x1b[2A\\x1b[2Kall is well"
print(*forms, hostile, sep="\\n", file=sys.stderr, flush=True)
sys.exit(3)
"""
"""A program that writes its secret into its log, in each form, and what a terminal obeys."""


def test_a_release_that_spills_its_secret_shows_it_to_no_operator(
    project: Project, deployed: str
) -> None:
    masked = Masks({"TOKEN": TOKEN})
    (project.folder / "examples/pinboard/pinboard/spill.py").write_text(SPILL)
    project.edit("app.yml", "python -m pinboard.worker", "python -m pinboard.spill")
    project.edit("app.yml", "name: pinboard", "name: pinboard\nskip_imports: [pinboard.spill]")
    done = project.pyinfra(
        "inventories/lab.py", "deploy.py", "-y", "-vvv", "--debug", "--diff", "--limit", deployed
    )
    assert done.returncode != 0
    output = done.stdout + done.stderr
    assert "(PINBOARD_TOKEN)" in output
    assert "all is well" in output
    seen = [output]
    for words in ("history pinboard", "history pinboard --json", "status", "status pinboard"):
        seen.append(lab.run(deployed, f"homeportctl {words}", root=True).stdout)
    seen.append(project.pyinfra("inventories/lab.py", "deploys/history.py", "-y").stderr)
    # What others may read on the host, or a report may take along.
    places = "/tmp /var/tmp /run /var/lib/homeport/pinboard/history /var/log"
    files = f"find {places} -xdev -type f -perm -o+r -size -1000k -print0 2>/dev/null"
    seen.append(lab.run(deployed, f"{files} | xargs -0 cat", root=True).stdout)
    seen.append(lab.run(deployed, "journalctl -b -o cat -t homeportctl", root=True).stdout)
    seen.append(lab.run(deployed, "journalctl -b -o cat -u 'homeport*'", root=True).stdout)
    for text in seen:
        assert masked(text) == text
    for text in seen[:6]:
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)
    for left in project.folder.glob("*.log"):
        assert masked(left.read_text()) == left.read_text()


def test_a_secret_that_others_may_read_here_is_refused_before_connecting(project: Project) -> None:
    (project.folder / "secrets/pinboard-token").chmod(0o644)
    done = project.deploy()
    assert done.code == 1
    assert "others may read this secret. Fix: run `chmod 600 " in done.output
    assert "Connecting" not in done.output


@pytest.mark.parametrize(
    "written", ["a-secret-in-clear", "{value: a-secret-in-clear}", "[a-secret]"]
)
def test_a_secret_written_into_app_yml_is_refused_without_being_repeated(
    project: Project, written: str
) -> None:
    project.edit("app.yml", "{file: secrets/pinboard-token}", written)
    done = project.deploy("-vvv", "--debug")
    assert done.code == 1
    assert "app.yml:13: secrets.PINBOARD_TOKEN" in done.output
    assert "a-secret" not in done.output
    assert "Traceback" not in done.output


def test_a_secret_that_cannot_be_delivered_is_refused_without_being_repeated(
    project: Project,
) -> None:
    (project.folder / "secrets/pinboard-token").write_text("two lines\nof a-secret\n")
    done = project.deploy("-vvv", "--debug")
    assert done.code == 1
    assert "more than one line" in done.output
    assert "a-secret" not in done.output


def test_a_command_that_gives_no_secret_fails_the_deploy_before_connecting(
    project: Project,
) -> None:
    project.edit("app.yml", "{file: secrets/pinboard-token}", "{command: [sh, -c, exit 4]}")
    done = project.deploy()
    assert done.code == 1
    assert "secrets.PINBOARD_TOKEN: its command exits with 4. Fix: " in done.output
    assert "Connecting" not in done.output
