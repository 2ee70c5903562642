"""Every kind of host and every application that goes there, described without a network."""

from __future__ import annotations

import grp
import os
import pwd
import runpy
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from homeport import artifacts
from homeport.artifacts import Artifact, Lock, PythonPlatform, Wheel, interpreter
from homeport.description.bootstrap import describe_bare
from homeport.description.host import describe_host
from homeport.engine.kind import DesiredState
from tests.golden.text import PLACES, ROOT

APPS = {
    "pinboard": "app.yml",
    "radicale": "examples/radicale/app.yml",
    "datasette": "examples/datasette/app.yml",
    "job": "benchmarks/job/app.yml",
}
KINDS = ("staging", "debian-13", "pi", "laptop")
SECRET = "hunter2"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDGQyM6oGiwLPfOl/ZIKTVUR3eeMnbsRnJqbqMFp1Lb8 eve@desk"
SCRIPTS = {
    "gunicorn": ("gunicorn",),
    "radicale": ("radicale",),
    "uvicorn": ("uvicorn",),
    "sqlite-utils": ("sqlite-utils",),
}


@dataclass(frozen=True)
class Me:
    """Who deploys from a laptop, whoever that is here."""

    pw_name: str = "eve"
    gr_name: str = "eve"
    pw_dir: str = "/home/eve"
    pw_uid: int = 1000
    gr_gid: int = 1000


def _group(name: str) -> dict[str, Any]:
    known = runpy.run_path(str(ROOT / f"group_data/{name}.py"))
    return {key: value for key, value in known.items() if not key.startswith("__")}


@cache
def _data(kind: str) -> dict[str, Any]:
    own = _group("all")
    if kind == "debian-13":
        return {**own, **_group("staging"), "debian": "13"}
    if kind == "laptop":
        own = {**own, "host_type": "laptop", "allow_root": True}
    return {**own, **_group(kind)}


def data_of(app: str, kind: str, **override: Any) -> dict[str, Any]:
    """Return the host data of a kind of host, for one application."""
    data = {**_data(kind), "app_file": APPS[app], "allow_dirty": True}
    app_data = dict(data.get("app", {})) if app == "pinboard" else {}
    app_data.pop("name", None)
    if kind == "debian-13":
        app_data["python"] = "3.13"
    secret = {"command": ["printf", SECRET], "file": None}
    names = {"pinboard": ["PINBOARD_TOKEN"], "radicale": ["RADICALE_PASSWORD"]}.get(app, [])
    if app == "job":
        app_data["requirements"], data["title"] = "requirements/1.txt", "One job"
    app_data["secrets"] = dict.fromkeys(names, secret)
    return {**data, "app": merged(app_data, override)}


def merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping with what another says besides, or instead."""
    both = {**one, **other}
    for key in one.keys() & other.keys():
        if isinstance(one[key], dict) and isinstance(other[key], dict):
            both[key] = merged(one[key], other[key])
    return both


def bare_data(kind: str) -> dict[str, Any]:
    """Return the host data of a host that is fresh."""
    data = {**_data(kind), "ssh_user": "deploy", "hostname": "shed", "authorized_keys": [KEY]}
    data |= {"ssh_known_hosts_file": str(PLACES_BACK["/scratch"] / "known_hosts")}
    data |= {"readers": {"ann": [KEY.replace("eve@desk", "ann@desk")]}} if kind == "pi" else {}
    return {**data, "timezone": "Europe/Berlin", "sd_card": kind == "pi"}


PLACES_BACK: dict[str, Path] = {}


def name_of(kind: str) -> str:
    """Return what a host of this kind is called."""
    return "@local" if kind == "laptop" else f"@fake/{kind}"


def describe(app: str, kind: str, **override: Any) -> DesiredState:
    """Return what a host should have; the commit of its code is a fixed one."""
    description: DesiredState = fixed(describe_host(data_of(app, kind, **override), name_of(kind)))
    return description


def describe_fresh(kind: str) -> DesiredState:
    """Return what a fresh host of this kind should have."""
    return describe_bare(f"@fake/{kind}", bare_data(kind))


def fixed(value: Any) -> Any:
    """Return a value in which the code is of a fixed commit, and has nothing beside it."""
    if isinstance(value, Artifact):
        return replace(value, commit="c0ffee" * 6 + "c0ff", dirty=False, changes=())
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return tuple(fixed(part) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        found = {f.name: getattr(value, f.name) for f in fields(value) if f.init}
        anew = {name: fixed(part) for name, part in found.items()}
        changed = {name: part for name, part in anew.items() if part is not found[name]}
        changed = {name: part for name, part in changed.items() if part != found[name]}
        return replace(value, **changed) if changed else value
    return value


def _wheels(lock: Lock, target: PythonPlatform, index: str | None = None) -> tuple[Wheel, ...]:
    wheels = []
    for pin in lock.requirements:
        path = PLACES_BACK["/scratch"] / f"{pin.name}-{pin.version}.whl"
        path.write_text(f"{pin.name} {pin.version}\n")
        file = f"{pin.name.replace('-', '_')}-{pin.version}-py3-none-any.whl"
        modules = (pin.name.replace("-", "_"),)
        scripts = SCRIPTS.get(pin.name, ())
        wheels.append(Wheel(file, sorted(pin.hashes)[0], path, 1, modules, scripts))
    return tuple(wheels)


def _uv(architecture: str) -> Path:
    path = PLACES_BACK["/scratch"] / f"uv-{architecture}"
    path.write_text(f"uv for {architecture}\n")
    return path


def _here(python: str) -> PythonPlatform:
    return PythonPlatform("amd64", python, libc=(2, 36), patch=f"{python}.2")


@contextmanager
def rehearsal() -> Iterator[Path]:
    """Have nothing depend on this machine, its user, or the time, and nothing need a network."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory())).resolve()
        PLACES[str(scratch)] = "/scratch"
        PLACES_BACK["/scratch"] = scratch
        environment = {"HOME": str(scratch), "XDG_CACHE_HOME": str(scratch / "cache")}
        environment |= dict.fromkeys(("LOGNAME", "USER"), "eve")
        stack.enter_context(mock.patch.dict(os.environ, environment))
        patches: list[tuple[Any, str, Any]] = [
            (pwd, "getpwuid", lambda uid: Me()),
            (grp, "getgrgid", lambda gid: Me()),
            (shutil, "which", lambda name, **_: f"/usr/bin/{name}"),
            (socket, "gethostname", lambda: "desk"),
            (secrets, "token_hex", lambda size=32: "5e" * size),
            (artifacts, "wheels_for", _wheels),
            (artifacts, "uv_binary", _uv),
            (artifacts, "git_hooks", lambda project: (project, project / ".git/hooks")),
            (interpreter, "local_target", _here),
            (interpreter, "find_interpreter", lambda python: SimpleNamespace(path="/usr/python3")),
        ]
        for place, name, value in patches:
            stack.enter_context(mock.patch.object(place, name, value))
        yield scratch
