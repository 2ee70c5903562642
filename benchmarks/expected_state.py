"""What a host has when the job is done, by any contender: made from the job alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from runpy import run_path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks.contenders import Contender
from benchmarks.contenders.contender import TITLE
from homeport.engine.kind import DesiredState
from homeport.files.entries import Directory, File
from homeport.operations.packages.resources import Package
from homeport.operations.users.resources import ServiceUser

PACKAGES = ("python3", "ca-certificates", "curl", "python3-yaml", "python3-venv", "jq", "rsync")
LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
UNITS = ("web.service", "worker.service", "tick.timer")
"""What is enabled and runs; the timer starts a service that is neither."""


@dataclass(frozen=True)
class Wanted:
    """What a host should have.

    + description: packages, the account, directories and files
    + listings: the names that a folder holds, and no others
    + versions: of the packages in the venv, by their canonical names
    + started: what the web process and the worker say that they were started with
    """

    app: str
    port: int
    python: str
    description: DesiredState
    listings: Mapping[str, frozenset[str]]
    versions: Mapping[str, str]
    started: Mapping[str, str]


def wanted(contender: Contender, work: Path) -> Wanted:
    """Return what a host should have that a contender has brought to the state of ``work``."""
    app, code = contender.app, f"{contender.code}/job"
    parts, sources = rendered(work / "templates", app), modules(work / "source/job")
    versions = locked((work / "requirements.txt").read_text())
    description = DesiredState(
        app,
        (
            *(Package(name) for name in PACKAGES),
            ServiceUser(app, contender.state),
            Directory(contender.state, "700", app, app),
            Directory(contender.config, "750", group=app),
            Directory(code),
            *(
                File(f"{contender.config}/{name}", text, "640", group=app)
                for name, text in parts.items()
            ),
            *(File(f"{code}/{name}", text) for name, text in sources.items()),
        ),
    )
    return Wanted(
        app,
        contender.port,
        contender.python,
        description,
        {contender.config: frozenset(parts), code: frozenset(sources)},
        versions,
        {
            "version": str(run_path(str(work / "source/job/__init__.py"))["VERSION"]),
            "click": versions["click"],
            "parts": hashlib.sha256(b"".join(parts.values())).hexdigest(),
            "title": TITLE,
        },
    )


def rendered(templates: Path, app: str) -> dict[str, bytes]:
    """Return the content of each configuration file, by its name and in the names' order."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - configuration of any format, not HTML
    )
    names = sorted(file.name for file in templates.glob("part-*.conf.j2"))
    return {
        name.removesuffix(".j2"): environment.get_template(name)
        .render(app=app, host={"title": TITLE})
        .encode()
        for name in names
    }


def modules(package: Path) -> dict[str, bytes]:
    """Return the content of each module of a package, by its name."""
    return {file.name: file.read_bytes() for file in sorted(package.glob("*.py"))}


def locked(text: str) -> dict[str, str]:
    """Return the version of each package that a lock has for Linux, by its canonical name."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if not line or line[0] in " #":
            continue
        requirement = Requirement(line.removesuffix("\\").strip())
        if requirement.marker is None or requirement.marker.evaluate(LINUX):
            (pin,) = requirement.specifier
            found[canonicalize_name(requirement.name)] = pin.version
    return found
