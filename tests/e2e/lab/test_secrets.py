"""A secret reaches its process, and nobody and nothing else."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import lab
from homeport.artifacts.cache import cache_root
from homeport.hostctl.masking import Masks
from lab.paths import place
from lab.state import read
from tests.e2e.lab.canaries import Canaries
from tests.e2e.lab.project import TOKEN, Project


@pytest.mark.parametrize("options", [("--dry", "--diff"), ("--dry", "--diff", "-vvv", "--debug")])
def test_a_secret_is_not_shown_by_a_dry_run(
    project: Project, fresh: str, options: tuple[str, ...]
) -> None:
    done = project.pyinfra("inventories/lab.py", "deploy.py", "--limit", fresh, *options)
    assert "(a secret: not shown)" in done.stdout + done.stderr
    assert TOKEN not in done.stdout + done.stderr


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


LOUD = ("-y", "-vvv", "--debug", "--diff")
FILE = "Qx7kd81vWz-of-a-file"
IN_URL = "Jt4rb92mPy-in-a-url"
URL = f"postgres://shop:{IN_URL}@db.example.org/shop"
MAIL = "Hn'5\"gcX\\0ä%$Lw-of-mail"
MAIL_AFTERWARDS = "Bw6nt30eKs-Gh2pz95Lc"
MAY_HOLD = re.compile(
    "/etc/homeport/pinboard/(secrets|config/mail.ini)"
    "|/srv/pinboard/slots/[ab]/etc/(secrets|config/mail.ini)"
    "|/var/lib/homeport/pinboard/(snapshot|generations)/.*"
)
"""Where a host has secrets: in their files, and in what it goes back to."""


def with_canaries(project: Project, host: str) -> Canaries:
    """Have a secret in each place where one can stand."""
    for name, value in {"url": URL, "mail": MAIL, "pinboard-token": FILE}.items():
        file = project.folder / "secrets" / name
        file.touch(mode=0o600)
        file.write_text(value)
    (project.folder / "mail.ini.j2").write_text("[mail]\npassword = {{ secrets.MAIL }}\n")
    key = project.folder / "secrets/signing"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)], check=True
    )
    project.edit(
        "app.yml",
        "  PINBOARD_TOKEN: {file: secrets/pinboard-token}\n",
        "  PINBOARD_TOKEN: {file: secrets/pinboard-token}\n"
        "  DATABASE_URL: {command: [cat, secrets/url]}\n"
        "  MAIL: {command: [cat, secrets/mail]}\n\n"
        "config_files:\n  mail.ini: {template: mail.ini.j2}\n",
    )
    values = {"TOKEN": FILE, "MAIL": MAIL, "AFTERWARDS": MAIL_AFTERWARDS, "URL": IN_URL}
    values["key"] = key.read_text().splitlines()[4][:40]
    if read(place()).hosts[host].asks:
        values["sudo"] = place().sudo_password.read_text().strip()
    return Canaries(values, host)


def test_canaries_are_found_on_neither_end_but_in_their_files(
    project: Project, fresh: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    canaries = with_canaries(project, fresh)
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", "/run/user/0"))
    begun = tmp_path_factory.mktemp("begun") / "mark"
    begun.touch()
    only, shown = ("--limit", fresh), list[str]()

    def run(file: str, *options: str) -> None:
        done = project.pyinfra("inventories/lab.py", file, *options, *only)
        assert done.returncode == 0, done.stderr
        shown.append(done.stdout + done.stderr)

    with canaries.in_no_process():
        # With these pyinfra ends before it deploys.
        for option in ("--debug-facts", "--debug-operations"):
            run("deploy.py", "-y", option)
        run("deploy.py", *LOUD)
        project.edit("group_data/staging.py", "Pinboard (staging)", "Second")
        run("deploy.py", *LOUD)
        run("deploys/rollback.py", *LOUD)
        (project.folder / "secrets/mail").write_text(MAIL_AFTERWARDS)
        run("deploys/rotate_secret.py", *LOUD, "--data", "secret=MAIL")
        run("deploys/history.py", "-y")
        build = [sys.executable, "-m", "homeport.build", "--allow-dirty", "-o", "build.tar.gz"]
        made = subprocess.run(
            [*build, "--signing-key", "secrets/signing"],
            cwd=project.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr
        shown.append(made.stdout + made.stderr)
    shown.append(gzip.decompress((project.folder / "build.tar.gz").read_bytes()).decode("latin-1"))
    for words in ("history pinboard --json", "status", "rollback pinboard --dry"):
        shown.append(lab.run(fresh, f"homeportctl {words}", root=True).stdout)
    for text in shown:
        canaries.insist_shown_nowhere(text)
    # The hosts of the lab lie in the cache as well.
    cached = [folder for folder in cache_root().iterdir() if folder.name != "lab"]
    here = canaries.in_files_here([project.folder, *cached, runtime], begun)
    here |= canaries.in_files_here([Path(tempfile.gettempdir())], begun, depth=1)
    own = str(project.folder / "secrets")
    assert {file for file in here if not file.startswith(own)} == set()
    there = canaries.in_files_there()
    assert "/etc/homeport/pinboard/config/mail.ini" in there
    assert {file for file in there if not MAY_HOLD.fullmatch(file)} == set()
    assert canaries.open_there(there) == ""


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
