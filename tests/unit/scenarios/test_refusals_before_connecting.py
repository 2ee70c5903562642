"""Whatever is wrong with what the user wrote: one line, its fix, and no host is spoken to.

Each is a run of pyinfra itself, on a project that was spoilt in one place.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.support.user_project import HOST, LOCK, Project, Spoil

BOMB = "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n"


@dataclass(frozen=True)
class Slip:
    """What is spoilt, what is then said, and how pyinfra is run."""

    spoil: Spoil
    message: str
    run: tuple[str, ...] = ("inventories/pi.py", "deploy.py", "-y")


def app(old: str, new: str) -> Spoil:
    return lambda project: project.edit("app.yml", old, new)


def lock(text: str | bytes) -> Spoil:
    return lambda project: project.write("requirements.txt", text)


def write(name: str, text: str | bytes) -> Spoil:
    return lambda project: project.write(name, text)


def nothing(project: Project) -> None:
    pass


def a_directory(project: Project) -> None:
    project.remove("app.yml").mkdir()


def a_loop(project: Project) -> None:
    project.remove("app.yml").symlink_to("app.yml")


def a_secret(text: str, mode: int = 0o600, reference: str = "{file: secrets/x}") -> Spoil:
    def spoil(project: Project) -> None:
        project.write("secrets/x", text).chmod(mode)
        project.edit("app.yml", "processes:", f"secrets:\n  X: {reference}\nprocesses:")

    return spoil


def a_repository(ref: str, spoil: Spoil = nothing) -> Spoil:
    def spoilt(project: Project) -> None:
        spoil(project)
        project.git("code", "init -q -b main", "add .", "commit -q -m one", "tag v1")
        source = f"source: {{git: 'file://{project.folder}/code', ref: {ref}}}"
        project.edit("app.yml", "source: code", source)

    return spoilt


def a_dirty_tree(project: Project) -> None:
    project.write(".gitignore", ".cache\n")
    project.git("", "init -q", "add .", "commit -q -m one")
    for name in ("shop/new", "shop/two words", "shop/__init__.py", "shop/z"):
        project.write(f"code/{name}", "print()")


def a_repository_of_another_user(project: Project) -> None:
    project.git("code", "init -q", "add .", "commit -q -m one")
    project.write("code/shop/__init__.py", "print()")
    for path in (project.folder / "code", *(project.folder / "code").rglob("*")):
        os.chown(path, 12345, 12345)


def a_broken_worktree(project: Project) -> None:
    project.write("code/.git", "gitdir: /nowhere/.git/worktrees/code\n")


def a_link(target: str) -> Spoil:
    return lambda project: (project.folder / "code/link").symlink_to(target)


ON = "[pi.invalid] there is no address for pi.invalid. Fix: correct its name in the inventory"
DRY = ("inventories/pi.py", "deploy.py", "--dry")
ALLOWED = (*DRY, "--data", "allow_dirty=yes")
URL = "https://user:secret@h.example/x.whl"
SLIPS = {
    # app.yml
    "unknown key": Slip(
        app("listen:", "listn:"),
        "app.yml:9: processes.web.listn: 'listn' is not a key here. Fix: write listen.",
    ),
    "wrong type": Slip(
        app("8000", "[80]"),
        "app.yml:9: processes.web.listen: the value is neither socket nor a port. Fix: write a",
    ),
    "one port twice": Slip(
        app("worker: {", "worker: {listen: 8000, "),
        "app.yml:10: processes.worker.listen: web listens on port 8000 as well. Fix: give one",
    ),
    "units that collide": Slip(
        app("  tidy:", "  web:"),
        "app.yml:12: schedules.web: a process has this name as well, and so its unit would",
    ),
    "source outside": Slip(
        app("code", "../x"), "app.yml:2: source: '../x' points outside the proj"
    ),
    "lock outside": Slip(app(": requirements.txt", ": /x"), "app.yml:4: requirements: '/x' points"),
    "pattern outside": Slip(
        app("source: code", "source: code\nexclude: ['../x']"),
        "app.yml:3: exclude[0]: '../x' points outside the source. Fix: write it from the folder",
    ),
    "no YAML": Slip(write("app.yml", "a: [1\nb: }"), "app.yml:2: this is not YAML: did not find"),
    "one key twice": Slip(
        app("python:", "name: x\npython:"), "app.yml:3: name: 'name' is already set on line 1. Fix"
    ),
    "a bomb of anchors": Slip(
        write("app.yml", BOMB), "app.yml:2: b[0]: *a is a YAML alias, and a few of them can expand"
    ),
    "an empty file": Slip(write("app.yml", ""), "app.yml: the file is empty. Fix: start it with"),
    "3 MB": Slip(
        write("app.yml", "#" * 3_000_000), "app.yml: the file is larger than 1 MB. Fix: keep in"
    ),
    "Latin-1": Slip(
        write("app.yml", b"name: shop\nsource: caf\xe9\n"),
        "app.yml:2: this line is not UTF-8. Fix: save the file as UTF-8.",
    ),
    "a directory": Slip(a_directory, "app.yml: this is not a file. Fix: name the application"),
    "a loop of links": Slip(a_loop, "app.yml: it can't be read (Too many levels of symbolic"),
    "no file": Slip(lambda project: project.remove("app.yml"), "app.yml: there is no such file."),
    # The lock
    "no hashes": Slip(lock("flask==3.0\n"), "requirements.txt:1: flask has no --hash. Fix: make"),
    "no pins": Slip(lock("flask>=3\n"), "requirements.txt:1: flask is not pinned to one version"),
    "a URL": Slip(lock(f"x @ {URL}\n"), "requirements.txt:1: x comes from a URL, which can't be"),
    "a bare URL": Slip(lock(f"{URL}\n"), "requirements.txt:1: a URL can't be locked. Fix: pin a"),
    "editable": Slip(
        lock("-e ./x\n"), "requirements.txt:1: ./x is an editable package, which can't be locked."
    ),
    "a lock in Latin-1": Slip(lock(b"# caf\xe9\n"), "requirements.txt: the lock is not text in"),
    "no lock": Slip(
        lambda project: project.remove("requirements.txt"),
        "app.yml:4: requirements: there is no file 'requirements.txt'. Fix: create it, or",
    ),
    "one package twice": Slip(
        lock(LOCK + LOCK.replace("1.0", "2.0")),
        "requirements.txt:3: shop-helper is there twice for Debian 12, arm64, Python 3.11: 2.0",
    ),
    "a package not locked": Slip(
        app("source: code", "source: {package: flask, version: '3.0'}"),
        "requirements.txt: the application is flask 3.0, but in the lock flask isn't in it. Fix",
    ),
    "line ends of Windows": Slip(lock(LOCK.replace("\n", "\r\n")), ON, DRY),
    "another lock for each architecture": Slip(
        lock(
            LOCK.replace("1.0", "1.0 ; platform_machine == 'aarch64'")
            + LOCK.replace("1.0", "2.0 ; platform_machine == 'x86_64'")
        ),
        ON,
        DRY,
    ),
    # Code
    "no such ref": Slip(a_repository("v9"), "has no branch or tag v9. Fix: name one that it has"),
    "no such commit": Slip(a_repository("0" * 40), "app.yml:2: source.ref: git can't read file://"),
    "a dirty tree": Slip(
        a_dirty_tree,
        "app.yml:2: source: uncommitted changes: 'shop/__init__.py', "
        "'shop/new', 'shop/two words' and 1 more. Fix: commit it or stash it, or deploy it all",
    ),
    "a dirty tree that is asked for": Slip(a_dirty_tree, ON, ALLOWED),
    "neither yes nor no": Slip(
        nothing, "--data: allow_dirty: 'maybe' is neither", (*DRY, "--data", "allow_dirty=maybe")
    ),
    "a repository that git does not trust": Slip(
        a_repository_of_another_user,
        "code: git does not trust this directory: it belongs to another user. Fix: run `git config "
        "--global --add safe.directory ",
    ),
    "a worktree without its repository": Slip(
        a_broken_worktree,
        "code: git can't read the repository here (not a git repository: /nowhere/.git/worktrees",
    ),
    "a private key in the code": Slip(
        write("code/deploy.txt", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n"),
        "code/deploy.txt: has a private key in it, and all users of a host can read a release. Fix",
    ),
    "a file that was included and isn't built": Slip(
        app("source: code", "source: {path: code, include: [static/built.css]}"),
        "code: source.include names static/built.css, and no file that ships has this name. Fix: b",
    ),
    "a link out": Slip(
        a_link("/etc/passwd"), "code/link: is a link that points outside the tree, to /etc/pass"
    ),
    "a link that goes up": Slip(a_link("../app.yml"), "code/link: is a link that points"),
    "a link out of a commit": Slip(
        a_repository("v1", a_link("../..")), "link: is a link that points"
    ),
    # Secrets
    "a secret for all": Slip(a_secret("x", 0o644), "secrets/x: secrets.X: others may read this"),
    "an empty secret": Slip(a_secret(""), "secrets.X: "),
    "a secret that fails": Slip(
        a_secret("", reference="{command: [sh, -c, exit 3]}"),
        "app.yml:7: secrets.X: its command exits with 3. Fix: run it by hand to see why: sh -c",
    ),
    # Group data
    "group_data that raises": Slip(
        write("group_data/pi.py", "x = 1\n\ny = [][x]\n"),
        "group_data/pi.py:3: it raises IndexError: list index out of range. Fix: correct what",
    ),
    "group_data that is no Python": Slip(
        write("group_data/pi.py", "x = 1\ny = = 2\n"),
        "group_data/pi.py:2: this is not Python: invalid syntax. Fix: correct this line.",
    ),
    "group_data in Latin-1": Slip(
        write("group_data/pi.py", b"x = 1\n# caf\xe9\n"),
        "group_data/pi.py:2: this line is not UTF-8. Fix: save the file as UTF-8.",
    ),
    "a slip in group_data": Slip(
        write("group_data/pi.py", 'app = {\n  "processes": {\n    "web": {"listen": 0}}}\n'),
        "group_data/pi.py:3: processes.web.listen: 0 is not a port. Fix: write a port from 1 to",
    ),
    "a key that is nearly ours": Slip(
        write("group_data/pi.py", 'architectur = "arm64"\n'),
        "group_data/pi.py:1: architectur: 'architectur' is not a key here. Fix: write archit",
    ),
    "no architecture": Slip(
        write("group_data/all.py", 'debian = "12"\n'), "group_data: architecture: it is not set."
    ),
    "a 32-bit architecture": Slip(
        write("group_data/pi.py", 'architecture = "armhf"\n'),
        "group_data/pi.py:1: architecture: the host's architecture is armhf: 32-bit systems aren't",
    ),
    "an app that is no mapping": Slip(
        write("group_data/pi.py", "app = 'x'\n"), "group_data/pi.py:1: app: app is not a mapping."
    ),
    # The inventory
    "no inventory": Slip(
        nothing,
        "inventories/pie.py: there is no such inventory. Fix: name one of: inventories/pi.py.",
        ("inventories/pie.py", "deploy.py", "-y"),
    ),
    "nobody's name": Slip(
        nothing, "nobody.invalid is not an inventory, and no host", ("nobody.invalid", "deploy.py")
    ),
    "an inventory that is a directory": Slip(
        nothing, "inventories: it can't be read (Is a directory)", ("inventories", "deploy.py")
    ),
    "an inventory that raises": Slip(
        write("inventories/pi.py", "import os\nos.environ['NO_SUCH']\n"),
        "inventories/pi.py:2: it raises KeyError: 'NO_SUCH'. Fix: correct what this line does.",
    ),
    "an empty inventory": Slip(
        write("inventories/pi.py", ""), "inventories/pi.py: there is no host in it. Fix: name h"
    ),
    "a host that is no list": Slip(
        write("inventories/pi.py", 'pi = "pi.invalid"\n'), "there is no host in it. Fix: name ho"
    ),
    "hosts that make no sense": Slip(
        write("inventories/pi.py", "pi = [('a', 1)]\n"),
        "inventories/pi.py: pyinfra can't make hosts of it (TypeError: ",
    ),
    "a host twice": Slip(
        write("inventories/pi.py", 'pi = [\n  "a",\n  ("a", {}),\n]\n'),
        "inventories/pi.py:3: pi: a is listed twice. Fix: keep one of the two.",
    ),
    "a machine by two names": Slip(
        write("inventories/pi.py", f'{HOST}x = [("b", {{"ssh_hostname": "PI.invalid."}})]'),
        "inventory: pi.invalid and b are one machine, pi.invalid 22. Fix: keep one of the two na",
    ),
    "data of a wrong type": Slip(
        write("inventories/pi.py", 'pi = [("a", {"ssh_port": "x"})]\n'),
        "inventory: Invalid connector data `ssh_port`",
    ),
    "a limit that matches nothing": Slip(
        nothing, "--limit po matches no host. Fix: name one of: pi.", (*DRY, "--limit", "po")
    ),
    "an exclusion of nothing": Slip(
        nothing, "--exclude x matches no host. Fix: name one of:", (*DRY, "--exclude", "x")
    ),
    "all excluded": Slip(nothing, "inventory: there is no host in it.", (*DRY, "--exclude", "pi")),
}

if os.geteuid() != 0:  # only root gives files away
    del SLIPS["a repository that git does not trust"]


def run(slip: Slip, folder: Path) -> tuple[int, str]:
    project = Project.made(folder)
    slip.spoil(project)
    return project.run("pyinfra", *slip.run)


@pytest.fixture(scope="module")
def runs(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[tuple[int, str]]]]:
    """The runs of pyinfra that were chosen, two at a time: most of each is waiting."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    chosen = {item.callspec.params.get("slip") for item in items if hasattr(item, "callspec")}
    with ThreadPoolExecutor(2) as pool:
        yield {
            name: pool.submit(partial(run, SLIPS[name], tmp_path_factory.mktemp("project")))
            for name in SLIPS.keys() & chosen
        }


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_one_line_with_its_mend_and_no_host_is_spoken_to(
    slip: str, runs: dict[str, Future[tuple[int, str]]]
) -> None:
    code, output = runs[slip].result()
    lines = [" ".join(line.split()) for line in output.splitlines()]
    ours = [line for line in lines if ". Fix: " in line]
    assert len(ours) == 1, output
    assert SLIPS[slip].message in ours[0]
    assert code == 1
    assert "raceback" not in output
    assert "secret@" not in output
    if SLIPS[slip].message != ON:
        assert "Connecting" not in output
