"""What description.sandbox promises."""

from __future__ import annotations

from homeport.description import hardening
from homeport.description.paths import HostPaths
from homeport.description.sandbox import sandbox, strictest
from homeport.operations.releases import Release
from tests.support.described_app import Project
from tests.support.described_parts import units


def everywhere(*names: str) -> dict[str, object]:
    """Have every command of the application do without these directives."""
    lacking = {"disable_hardening": list(names)}
    processes = dict.fromkeys(("web", "api", "worker"), lacking)
    return {"processes": processes, "schedules": {"tidy": lacking}}


def test_sandbox__the_strictest_lacks_only_what_every_command_does_without(
    project: Project,
) -> None:
    assert strictest(project.app()) == frozenset()
    (release,) = project.describe(**everywhere("PrivateTmp")).of(Release)
    assert release.sandbox is not None
    names = {line.partition("=")[0] for line in release.sandbox.properties}
    assert "PrivateTmp" not in names
    assert "ProtectHome" in names


def test_sandbox__it_is_that_of_a_unit_of_the_application(project: Project) -> None:
    app, unit = project.app(), units(project.describe())["shop-worker.service"].splitlines()
    made = sandbox(app, HostPaths("shop"), ())
    own = ("TasksMax", "RuntimeDirectoryMode", "RuntimeDirectory")
    for line in made.properties:
        assert line in unit or line.partition("=")[0] in own, line
    assert set(hardening.DIRECTIVES) <= set(made.properties)
    assert {"User=shop", "LogsDirectory=shop"} <= set(made.properties)
    assert made.secrets == "/etc/homeport/shop/secrets"


def test_sandbox__a_module_is_imported_in_the_sandbox_of_the_command_that_starts_from_it(
    project: Project,
) -> None:
    (release,) = project.describe().of(Release)
    (api,) = release.started
    assert api.modules == ("shop.api",)
    names = {line.partition("=")[0] for line in api.sandbox.properties}
    assert not names & {"MemoryDenyWriteExecute", "SystemCallFilter"}
    (release,) = project.describe(**everywhere("UMask")).of(Release)
    assert release.started == ()


def test_sandbox__no_secret_stands_in_it(project: Project) -> None:
    (release,) = project.describe().of(Release)
    assert "hunter2" not in repr(release.sandbox)
