"""A description says all that a host should have, the same each time, and nothing else moves it."""

from __future__ import annotations

from dataclasses import replace

from homeport.artifacts import Lock, Pinned
from homeport.description.app_build import build
from homeport.description.host import describe
from homeport.description.paths import HostPaths
from homeport.engine.kind import DesiredState
from homeport.engine.secret_digest import sha256
from homeport.files.entries import Directory, File
from homeport.operations.packages import Package
from homeport.operations.platform.kind import HostPlatform
from homeport.operations.releases import Release
from homeport.operations.services.resources import CurrentLink, Service
from homeport.operations.units.kind import Unit
from homeport.operations.users import ServiceUser
from homeport.operations.venvs.kind import Venv
from tests.unit.deploys.conftest import TARGET, Project


def files(description: DesiredState) -> dict[str, File]:
    return {file.path: file for file in description.of(File)}


def units(description: DesiredState) -> dict[str, str]:
    return {unit.name: unit.text for unit in description.of(Unit)}


def services(description: DesiredState) -> dict[str, Service]:
    return {service.unit: service for service in description.of(Service)}


def values(unit: str, key: str) -> list[str]:
    pairs = [line.partition("=") for line in unit.splitlines()]
    return [value for name, _, value in pairs if name == key]


def test_the_same_application_is_described_the_same_each_time(project: Project) -> None:
    assert project.describe() == project.describe()
    assert repr(project.describe()) == repr(project.describe())


def test_a_description_has_everything_that_the_application_needs(project: Project) -> None:
    description = project.describe()
    assert description.app == "shop"
    assert description.of(HostPlatform) == (HostPlatform("amd64", "12"),)
    assert [package.name for package in description.of(Package)] == [
        "python3.11", "ca-certificates", "curl", "python3-yaml", "sqlite3",
    ]  # fmt: skip
    assert description.of(ServiceUser) == (ServiceUser("shop", "/var/lib/shop"),)
    assert [directory.path for directory in description.of(Directory)] == [
        "/srv/shop", "/srv/shop/bin", "/srv/shop/venvs", "/srv/shop/releases",
        "/etc/homeport", "/etc/homeport/shop", "/srv/shop/slots", "/etc/homeport/shop/units",
    ]  # fmt: skip
    assert sorted(files(description)) == [
        "/etc/homeport/shop/environment", "/etc/homeport/shop/health.yml",
        "/etc/homeport/shop/processes.json", "/etc/homeport/shop/secrets",
        "/srv/shop/bin/await-socket", "/srv/shop/bin/check-config",
        "/srv/shop/bin/check-health", "/srv/shop/bin/check-imports",
        "/srv/shop/bin/initialised", "/srv/shop/bin/record", "/srv/shop/bin/run",
        "/srv/shop/bin/show-socket",
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


def test_every_file_has_a_described_directory(project: Project) -> None:
    description = project.describe()
    there = {directory.path for directory in description.of(Directory)} | {"/", "/srv", "/etc"}
    for entry in (*description.of(Directory), *description.of(File)):
        assert entry.path.rpartition("/")[0] in there


def test_secrets_are_roots_alone_and_stand_nowhere_else(project: Project) -> None:
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


def test_the_environment_is_the_services_and_nobody_elses(project: Project) -> None:
    public = files(project.describe())["/etc/homeport/shop/environment"]
    assert (public.mode, public.group, public.secret) == ("640", "shop", False)
    assert public.content.splitlines()[1:] == [b'MODE="a b"', b'WORKERS="2"']


def moved(before: DesiredState, after: DesiredState) -> set[str]:
    """The paths, units and links whose description is another."""
    changed = set()
    for one, other in zip(before.resources, after.resources, strict=True):
        if one != other:
            assert type(one) is type(other)
            changed.add(getattr(one, "path", None) or getattr(one, "unit", None) or one.name)
    return changed


SERVICES = {"shop-web.service", "shop-api@.service", "shop-worker.service"}


def test_a_variable_changes_its_file_and_what_services_read_and_nothing_else(
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


def test_a_secret_changes_its_file_and_what_services_read_and_nothing_else(
    project: Project,
) -> None:
    before = project.describe()
    project.secret("token", "another")
    after = project.describe()
    assert moved(before, after) == {"/etc/homeport/shop/secrets", *SERVICES}


def test_a_change_of_one_process_is_nothing_to_the_others(project: Project) -> None:
    before = project.describe()
    after = project.describe(processes={"web": {"memory": "512M"}})
    assert moved(before, after) == {"shop-web.service"}
    slotted = moved(before, project.describe(processes={"api": {"memory": "512M"}}))
    assert slotted == {"shop-api@.service"}
    assert services(before)["shop-web.service"].digest != services(after)["shop-web.service"].digest


def test_a_change_of_code_is_another_release_in_the_same_venv(project: Project) -> None:
    before = project.describe()
    (project.root / "code/shop/__init__.py").write_text("x = 1\n")
    after = project.describe()
    assert before.of(Venv) == after.of(Venv)
    assert before.of(Release)[0].path != after.of(Release)[0].path
    assert before.of(CurrentLink)[0].release != after.of(CurrentLink)[0].release
    assert units(before) == units(after)


def test_a_change_of_the_lock_is_another_venv_and_another_release(project: Project) -> None:
    app, built = project.app(), project.built()
    locked = replace(built, lock=Lock.of([Pinned("flask", "3.0", ("a" * 64,))], TARGET))
    before, after = describe(app, built), describe(app, locked)
    assert before.of(Venv)[0].path != after.of(Venv)[0].path
    assert before.of(Release)[0].path != after.of(Release)[0].path


def test_the_release_is_what_current_leads_to_and_its_venv_what_it_links_to(
    project: Project,
) -> None:
    description = project.describe()
    (release,), (venv,), (current,) = (
        description.of(kind) for kind in (Release, Venv, CurrentLink)
    )
    assert (current.path, current.release, current.venv) == (
        "/srv/shop/current", release.path, venv.path,
    )  # fmt: skip
    assert release.venv == venv
    assert (release.user, release.check) == ("shop", "/srv/shop/bin/check-imports")
    assert release.environment == (
        "/etc/homeport/shop/environment",
        "/etc/homeport/shop/secrets",
    )
    started = [service for service in services(description).values() if service.digest]
    assert {service.current for service in started} == {current}


def test_a_service_reads_what_it_starts_with_to_the_byte(project: Project) -> None:
    description = project.describe()
    texts = {path: file.content for path, file in files(description).items()}
    texts |= {unit.place: unit.text.encode() for unit in description.of(Unit)}
    for service in services(description).values():
        for read in service.reads:
            assert read.sha256 == sha256(texts[read.path])
            assert read.secret == read.path.endswith("/secrets")
    web = services(description)["shop-web.service"]
    assert {read.path for read in web.reads} >= {
        "/etc/homeport/shop/environment", "/etc/homeport/shop/secrets", "/srv/shop/bin/run",
    }  # fmt: skip


def test_what_a_service_reads_is_what_it_records_at_its_start(project: Project) -> None:
    description = project.describe()
    for unit, service in services(description).items():
        if not service.digest:
            continue
        (line,) = values(units(description)[unit], "ExecStartPre")
        slot = " -s /srv/shop/slots/%i" if service.slotted else ""
        begin = f"+/srv/shop/bin/record{slot} %n {service.digest} "
        assert line.startswith(begin)
        paths = line.removeprefix(begin).split()
        assert service.current is not None
        assert set(paths) == {*service.current.followed, *(read.path for read in service.reads)}


def test_the_digest_in_a_unit_tells_its_text(project: Project) -> None:
    one = project.describe()
    for change in (
        {"command": "gunicorn shop.web:app"},
        {"stop_timeout": 21},
        {"relax": ["ProtectHome"]},
        {"notify": False},
        {"tasks": 10},
    ):
        other = project.describe(processes={"web": change})
        digests = [services(each)["shop-web.service"].digest for each in (one, other)]
        assert digests[0] != digests[1]
        assert digests[1] in units(other)["shop-web.service"]


def test_a_unit_says_how_its_process_runs(project: Project) -> None:
    text = units(project.describe())
    web, worker, tidy = (text[f"shop-{name}.service"] for name in ("web", "worker", "tidy"))
    assert values(web, "Type") == ["notify"]
    assert values(web, "MemoryMax") == ["256M"]
    assert values(web, "TimeoutStopSec") == ["20"]
    assert values(web, "TasksMax") == ["512"]
    assert values(web, "WatchdogSec") == []
    assert values(web, "Restart") == ["always"]
    assert values(web, "WantedBy") == ["multi-user.target"]
    assert values(web, "User") == values(web, "Group") == ["shop"]
    assert values(web, "StateDirectory") == ["shop shop/uploads shop/cache/thumbs"]
    assert values(web, "RuntimeDirectory") == ["shop-web"]
    assert values(web, "EnvironmentFile") == [
        "/etc/homeport/shop/environment", "/etc/homeport/shop/secrets",
    ]  # fmt: skip
    assert values(worker, "Type") == ["notify"]
    assert values(worker, "WatchdogSec") == ["15"]
    assert values(worker, "TasksMax") == ["9"]
    assert values(text["shop-api@.service"], "Type") == ["exec"]
    assert values(tidy, "Type") == ["oneshot"]
    assert values(tidy, "TimeoutStartSec") == ["600"]
    assert values(tidy, "Restart") == values(tidy, "WantedBy") == values(tidy, "ExecStartPre") == []


def test_what_starts_at_boot_waits_until_what_was_not_confirmed_is_reverted(
    project: Project,
) -> None:
    for name, text in units(project.describe()).items():
        if name.endswith(".service"):
            waits = "homeport-boot.service" in values(text, "After")[0].split()
            # A slot is started by that itself, and a timer would wait for what waits for timers.
            assert waits is not name.endswith("@.service"), name
        else:
            assert values(text, "After") == []


def test_a_schedule_is_a_timer_that_catches_up(project: Project) -> None:
    timer = units(project.describe())["shop-tidy.timer"]
    assert values(timer, "OnCalendar") == ["daily"]
    assert values(timer, "Persistent") == ["true"]
    assert values(timer, "WantedBy") == ["timers.target"]


def test_every_line_of_a_unit_is_a_section_a_comment_or_a_setting(project: Project) -> None:
    for text in units(project.describe()).values():
        assert "{{" not in text
        assert "None" not in text
        for line in text.splitlines():
            assert not line or line[0] in "[#" or line.partition("=")[0].isalpha(), line


def test_the_modules_that_commands_start_from_are_to_be_imported(project: Project) -> None:
    (release,) = project.describe().of(Release)
    assert set(release.named) >= {"shop.web", "shop.api", "shop.worker", "shop.tidy"}
    assert not any(":" in name or name[0].isdigit() for name in release.named)


def test_an_application_without_secrets_or_processes_is_described_too(project: Project) -> None:
    schedule = 'schedules: {tidy: {command: "python -m shop.tidy", at: daily}}'
    project.text = f'name: shop\nsource: code\npython: "3.11"\n{schedule}\n'
    description = project.describe()
    assert description.of(Service) == (Service("shop-tidy.timer"),)
    assert len(description.of(Release)) == 1
    assert build(project.app(), TARGET).secrets == {}


def test_every_place_is_below_the_applications_own(project: Project) -> None:
    place = HostPaths("shop")
    assert place.venv("0123456789abcdef") == "/srv/shop/venvs/0123456789ab"
    assert place.release("0123456789abcdef", "fedcba9876543210") == (
        "/srv/shop/releases/0123456789ab-fedcba98"
    )
    assert place.current == "/srv/shop/current"
    assert place.state == "/var/lib/shop"
