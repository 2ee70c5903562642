"""The findings of pydantic in the words of this project; values are never quoted."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from homeport.manifest.model.app import App
from homeport.manifest.model.bootstrap import Login
from homeport.manifest.model.config_file import ConfigTemplate
from homeport.manifest.model.health import Health, Page
from homeport.manifest.model.process import Process, RunOnceJob, Schedule
from homeport.manifest.model.proxy import AcmeAccount, CertificateFiles, FromAuthority, Proxy
from homeport.manifest.model.release_policy import ReleasePolicy
from homeport.manifest.model.rollout import Rollout
from homeport.manifest.model.secret import CommandSecret, FileSecret
from homeport.manifest.model.source import GitSource, PackageSource
from homeport.manifest.types.issues import REFUSED, Issue, KeyPath, quoted

TAGGED: dict[str, type[BaseModel]] = {
    "git": GitSource,
    "package": PackageSource,
    "file": FileSecret,
    "command": CommandSecret,
    "path": Page,
    "certificate": CertificateFiles,
    "acme": FromAuthority,
}
WANTED = {
    "string_type": ("text", "write text"),
    "int_type": ("a whole number", "write a whole number, without quotes"),
    "bool_type": ("true or false", "write true or false, without quotes"),
    "tuple_type": ("a list", "write it as [one, two], or one to a line after a -"),
    "dict_type": ("a mapping", "write keys and values below it"),
    "mapping_type": ("a mapping", "write keys and values below it"),
    "model_type": ("a mapping", "write keys and values below it"),
}


def complaints_of(error: ValidationError) -> Iterator[Issue]:
    """Yield each finding of pydantic, with the keys that the user wrote."""
    for detail in error.errors(include_url=False):
        path = written(detail["loc"])
        if detail["type"] == REFUSED:
            for complaint in detail["ctx"]["complaints"]:
                yield complaint.below(path)
        else:
            yield Issue(*_words(detail), keys=(path,))


def written(location: KeyPath) -> KeyPath:
    """Return the key path in the file for a location that pydantic gives."""
    match location:
        case ("source", _, *rest):
            return ("source", *rest)
        case ("secrets", name, _, *rest):
            return ("secrets", name, *rest)
        case ("processes", name, "health", "live" | "ready" as check, _, *rest):
            return ("processes", name, "health", check, *rest)
        case ("bootstrap_login", "password", _, *rest):
            return ("bootstrap_login", "password", *rest)
        case ("proxy", "tls", _, *rest):
            return ("proxy", "tls", *rest)
        case ("proxy", "response_headers", name, "[key]"):
            return ("proxy", "response_headers", name)
        case (section, name, "[key]"):
            return (section, name)
    return location


def _words(detail: ErrorDetails) -> tuple[str, str]:
    kind, location, value = detail["type"], detail["loc"], detail["input"]
    limits = detail.get("ctx", {})
    if kind == "missing":
        return "this key is missing", f"add {location[-1]}: with its value"
    if kind == "extra_forbidden":
        return _unknown(str(location[-1]), part(location[:-1]))
    if kind in WANTED:
        return _mistyped(value, *WANTED[kind], python=location == ("python",))
    if kind == "greater_than_equal":
        return "the number is too small", f"write {limits['ge']} or more"
    if kind == "less_than_equal":
        return "the number is too large", f"write {limits['le']} or less"
    if kind == "literal_error":
        return "the value is not one of the choices", f"write {limits['expected']}"
    return "the value doesn't fit here", "see the description of this key in docs/app.schema.json"


def _mistyped(value: Any, expected: str, fix: str, *, python: bool) -> tuple[str, str]:
    if python and isinstance(value, int | float):
        return "the version is a number, and 3.10 would be read as 3.1", 'put it in quotes: "3.11"'
    if expected == "text" and isinstance(value, int | float):
        fix = "put it in quotes"
    return f"expected {expected}, got {_kind(value)}", fix


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    kinds = {bool: "true or false", str: "text", dict: "a mapping", list: "a list"}
    return kinds.get(type(value), "a number")


def _unknown(key: str, model: type[BaseModel]) -> tuple[str, str]:
    known = [field.alias or name for name, field in model.model_fields.items()]
    near = get_close_matches(key[:60], known, 1)
    fix = f"write {near[0]}" if near else f"remove it (known here: {', '.join(known)})"
    return f"{quoted(key)} is not a key here", fix


def part(location: KeyPath) -> type[BaseModel]:
    """Return the part of the application whose keys stand at a location of pydantic."""
    match location:
        case (
            ("source", str(tag))
            | ("secrets", _, str(tag))
            | ("bootstrap_login", "password", str(tag))
        ):
            return TAGGED[tag]
        case ("processes", _, "health", "live" | "ready", str(tag)):
            return TAGGED[tag]
        case ("proxy", "tls", str(tag)):
            return TAGGED[tag]
        case ("proxy", "tls", _, "acme"):
            return AcmeAccount
        case ("proxy",):
            return Proxy
        case ("bootstrap_login",):
            return Login
        case ("rollout",):
            return Rollout
        case ("processes", _):
            return Process
        case ("processes", _, "health"):
            return Health
        case ("schedules", _):
            return Schedule
        case ("run_once", _):
            return RunOnceJob
        case ("config_files", _):
            return ConfigTemplate
        case ("release",):
            return ReleasePolicy
    return App
