"""A path that another application keeps is found, and refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.engine.kind import PreconditionError
from homeport.files import claims
from homeport.files.entries import Directory, File, Link
from tests.support.real_shell import checked


def test_claims__what_lies_in_the_applications_own_folders_is_not_searched_for() -> None:
    entries = [File("/srv/shop/x", b""), File("/etc/homeport/shop/y", b""), Directory("/etc/z")]
    assert claims.probe("shop", entries) == ":"


def test_claims__paths_of_others_are_found_and_ones_own_are_not(tmp_path: Path) -> None:
    for app, group in (("shop", "files"), ("crm", "units"), ("blog", "files"), ("wiki", "other")):
        (tmp_path / app).mkdir()
        paths = "/etc/motd\n/etc/issue.net" if app == "blog" else "/etc/motd"
        (tmp_path / app / group).write_text(f"version 1\n{paths}\n")
    entries = [File("/etc/motd", b""), Link("/etc/issue", "x")]
    script = claims.probe("shop", entries).replace(claims.STATE, str(tmp_path))
    assert checked(script).splitlines() == [
        f"claim\t{tmp_path}/blog/files:/etc/motd",
        f"claim\t{tmp_path}/crm/units:/etc/motd",
    ]


def test_claims__they_are_refused_with_the_application_that_has_the_path() -> None:
    claims.require_unclaimed([])
    with pytest.raises(PreconditionError, match=r"^/etc/motd belongs to the application blog; "):
        claims.require_unclaimed([("/var/lib/homeport/blog/files", "/etc/motd")])
