"""A description says all that a host should have, the same each time, and nothing else moves it."""

from __future__ import annotations

import re
from dataclasses import replace

from homeport.description.app_build import build
from homeport.files.entries import Directory, File
from homeport.operations.packages.resources import Package
from homeport.operations.platform.resources import HostPlatform
from homeport.operations.releases import Release
from homeport.operations.services.resources import Service
from homeport.operations.users.resources import ServiceUser
from tests.support.described_app import TARGET, Project
from tests.support.described_parts import files, moved, services, units

RUNTIME = re.compile("^RuntimeDirectory=(.*)$", re.MULTILINE)


def test_server__the_same_application_is_described_the_same_each_time(project: Project) -> None:
    assert project.describe() == project.describe()
    assert repr(project.describe()) == repr(project.describe())


def test_server__a_description_has_everything_that_the_application_needs(project: Project) -> None:
    description = project.describe()
    assert description.app == "shop"
    assert description.of(HostPlatform) == (HostPlatform("amd64", "12"),)
    assert [package.name for package in description.of(Package)] == [
        "python3.11", "ca-certificates", "curl", "python3-yaml", "sqlite3",
    ]  # fmt: skip
    (account,) = description.of(ServiceUser)
    assert (account.name, account.home, account.code) == ("shop", "/var/lib/shop", "/srv/shop")
    assert account.directories == ("/var/lib/shop", "/var/cache/shop", "/var/log/shop")
    there = {found for text in units(description).values() for found in RUNTIME.findall(text)}
    slotted = {found.replace("%i", slot) for found in there for slot in "ab"}
    assert set(account.runtime) == {f"/run/{found}" for found in slotted if "/" not in found}
    assert [directory.path for directory in description.of(Directory)] == [
        "/srv/shop", "/srv/shop/bin", "/srv/shop/venvs", "/srv/shop/releases",
        "/etc/homeport", "/etc/homeport/shop", "/srv/shop/slots", "/etc/homeport/shop/units",
    ]  # fmt: skip
    assert sorted(files(description)) == [
        "/etc/homeport/shop/environment", "/etc/homeport/shop/health.yml",
        "/etc/homeport/shop/processes.json", "/etc/homeport/shop/secrets",
        "/srv/shop/bin/check-health",
        "/srv/shop/bin/check-imports", "/srv/shop/bin/mark-done",
        "/srv/shop/bin/publish-socket", "/srv/shop/bin/record-start", "/srv/shop/bin/run",
        "/srv/shop/bin/run-confined",
        "/srv/shop/bin/wait-for-socket",
    ]  # fmt: skip
    assert sorted(units(description)) == [
        "shop-api@.service", "shop-tidy.service", "shop-tidy.timer",
        "shop-web-health.service", "shop-web-health.timer", "shop-web.service",
        "shop-worker.service",
    ]  # fmt: skip
    assert sorted(services(description)) == [
        "shop-api@.service", "shop-tidy.timer", "shop-web-health.timer", "shop-web.service",
        "shop-worker.service",
    ]  # fmt: skip


def test_server__every_file_has_a_described_directory(project: Project) -> None:
    description = project.describe()
    there = {directory.path for directory in description.of(Directory)} | {"/", "/srv", "/etc"}
    for entry in (*description.of(Directory), *description.of(File)):
        assert entry.path.rpartition("/")[0] in there


def test_server__secrets_are_roots_alone_and_stand_nowhere_else(project: Project) -> None:
    description = project.describe()
    secrets = files(description)["/etc/homeport/shop/secrets"]
    assert (secrets.mode, secrets.owner, secrets.group, secrets.secret) == (
        "600", "root", "root", True,
    )  # fmt: skip
    assert secrets.content.splitlines()[1:] == [b'KEY="letmein"', b'TOKEN="hunter2"']
    others = [file for file in description.of(File) if file is not secrets]
    assert not any(b"hunter2" in file.content for file in others)
    assert "hunter2" not in repr(description) + "".join(units(description).values())
    assert "letmein" not in repr(project.built())


def test_server__the_environment_is_the_services_and_nobody_elses(project: Project) -> None:
    public = files(project.describe())["/etc/homeport/shop/environment"]
    assert (public.mode, public.group, public.secret) == ("640", "shop", False)
    assert public.content.splitlines()[1:] == [b'MODE="a b"', b'WORKERS="2"']


SERVICES = {"shop-web.service", "shop-api@.service", "shop-worker.service"}


def test_server__a_variable_changes_its_file_and_what_services_read_and_nothing_else(
    project: Project,
) -> None:
    before = project.describe()
    after = project.describe(environment={"MODE": "other"})
    assert moved(before, after) == {"/etc/homeport/shop/environment", *SERVICES}
    for unit in SERVICES:
        one, other = services(before)[unit], services(after)[unit]
        assert replace(one, reads=()) == replace(other, reads=())
        differs = [new.path for old, new in zip(one.reads, other.reads, strict=True) if old != new]
        assert differs == ["/etc/homeport/shop/environment"]


def test_server__a_secret_changes_its_file_and_what_services_read_and_nothing_else(
    project: Project,
) -> None:
    before = project.describe()
    project.secret("token", "another")
    after = project.describe()
    assert moved(before, after) == {"/etc/homeport/shop/secrets", *SERVICES}


def test_server__an_application_without_secrets_or_processes_is_described_too(
    project: Project,
) -> None:
    schedule = 'schedules: {tidy: {command: "python -m shop.tidy", at: daily}}'
    project.text = f'name: shop\nsource: code\npython: "3.11"\n{schedule}\n'
    description = project.describe()
    assert description.of(Service) == (Service("shop-tidy.timer"),)
    assert len(description.of(Release)) == 1
    assert build(project.app(), TARGET).secrets == {}
