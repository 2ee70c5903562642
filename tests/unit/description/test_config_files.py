"""Configuration files and what runs once: where they are, who reads them, how they are checked."""

from __future__ import annotations

import pytest

from homeport.description import hardening
from homeport.description.processes import CLEAN
from homeport.engine.kind import DesiredState
from homeport.engine.secret_digest import sha256
from homeport.files.entries import Directory, File
from homeport.operations.config_files import FILE, ConfigFile
from homeport.operations.executables import Executable
from homeport.operations.release_check import ReleaseCheck
from homeport.operations.releases import Release
from homeport.operations.services.resources import RunOnce, Service
from homeport.operations.units.resources import Unit
from tests.support.described_app import Project
from tests.support.described_parts import services, units, values

FOLDER = "/etc/homeport/shop/config"
ADDED = """\
config_files:
  shop.conf: {template: shop.j2, validate: 'shop --check "{file}" {config} {data}'}
  conf.d/users: {template: users.j2}
run_once:
  database:
    command: shop init --at {data}
    timeout: 60
    memory: 64M
    disable_hardening: [ProtectHome]
  admin: python -m shop.admin "a b"
release_check: 'python -m shop.selftest "{config}/shop.conf" {data}'
"""


@pytest.fixture
def configured(project: Project) -> Project:
    project.text += ADDED
    (project.root / "shop.j2").write_text("title={{ environment.MODE }}\n")
    (project.root / "users.j2").write_text("{{ secrets.TOKEN }}\n")
    return project


def configs(description: DesiredState) -> dict[str, ConfigFile]:
    return {config.path: config for config in description.of(ConfigFile)}


def test_config_files__configuration_is_the_service_users_to_read_and_nobody_elses(
    configured: Project,
) -> None:
    found = {path: config.entry for path, config in configs(configured.describe()).items()}
    assert found == {
        FOLDER: Directory(FOLDER, "750", group="shop"),
        f"{FOLDER}/conf.d": Directory(f"{FOLDER}/conf.d", "750", group="shop"),
        f"{FOLDER}/shop.conf": File(f"{FOLDER}/shop.conf", b"title=a b\n", "640", group="shop"),
        f"{FOLDER}/conf.d/users": File(
            f"{FOLDER}/conf.d/users", b"hunter2\n", "440", group="shop", secret=True
        ),
    }


def test_config_files__folders_are_described_before_what_is_in_them(configured: Project) -> None:
    seen: set[str] = set()
    for path in configs(configured.describe()):
        assert path == FOLDER or path.rpartition("/")[0] in seen
        seen.add(path)


def test_config_files__a_check_runs_with_the_release_that_is_described_and_as_the_services_do(
    configured: Project,
) -> None:
    description = configured.describe()
    config = configs(description)[f"{FOLDER}/shop.conf"]
    assert config.check == ("shop", "--check", FILE, FOLDER, "/var/lib/shop")
    assert config.checker is not None
    assert config.checker.release == description.of(Release)[0].path
    unit = units(description)["shop-worker.service"]
    for line in config.checker.sandbox.properties:
        own = ("TasksMax", "RuntimeDirectoryMode")
        assert line in unit.splitlines() or line.partition("=")[0] in own, line
    assert configs(description)[f"{FOLDER}/conf.d/users"].checker is None


def test_config_files__the_application_checks_a_release_as_its_services_run(
    configured: Project,
) -> None:
    description = configured.describe()
    (check,), (release,) = description.of(ReleaseCheck), description.of(Release)
    config = configs(description)[f"{FOLDER}/shop.conf"]
    assert check.command == (
        "python",
        "-m",
        "shop.selftest",
        f"{FOLDER}/shop.conf",
        "/var/lib/shop",
    )
    assert check.checker == config.checker
    assert check.path == "/var/lib/homeport/shop/checked"
    assert "shop.selftest" in release.named
    assert "python" in {p.name for p in description.of(Executable) if p.key == "release_check"}


@pytest.mark.parametrize("what", ["code", "variable", "secret", "template", "command", "sandbox"])
def test_config_files__a_verdict_is_about_all_that_a_release_runs_with(
    configured: Project, what: str
) -> None:
    (before,) = configured.describe().of(ReleaseCheck)
    assert configured.describe().of(ReleaseCheck) == (before,)
    override: dict[str, object] = {
        "variable": {"environment": {"MODE": "c"}},
        "command": {"release_check": "python -m shop.other"},
        "sandbox": {"data": ["more"]},
    }.get(what, {})
    if what == "code":
        (configured.root / "code/shop/__init__.py").write_text("x = 1\n")
    if what == "secret":
        configured.secret("key", "another")
    if what == "template":
        (configured.root / "shop.j2").write_text("other\n")
    (after,) = configured.describe(**override).of(ReleaseCheck)
    assert after.digest != before.digest
    assert "hunter2" not in repr(after)


def test_config_files__an_application_without_a_check_has_none(project: Project) -> None:
    assert project.describe().of(ReleaseCheck) == ()


def test_config_files__a_check_runs_in_the_strictest_sandbox_of_the_applications_commands(
    configured: Project,
) -> None:
    checker = configs(configured.describe())[f"{FOLDER}/shop.conf"].checker
    assert checker is not None
    assert set(hardening.DIRECTIVES) <= set(checker.sandbox.properties)


def test_config_files__a_changed_file_restarts_what_reads_it(configured: Project) -> None:
    before = services(configured.describe())["shop-worker.service"].reads
    after = services(configured.describe(environment={"MODE": "c"}))["shop-worker.service"].reads
    assert {new.path for old, new in zip(before, after, strict=True) if old != new} == {
        f"{FOLDER}/shop.conf",
        "/etc/homeport/shop/environment",
    }
    read = {each.path: each for each in before}
    assert read[f"{FOLDER}/conf.d/users"].secret
    assert read[f"{FOLDER}/shop.conf"].sha256 == sha256(b"title=a b\n")


def test_config_files__processes_schedules_and_inits_are_told_where_their_configuration_is(
    configured: Project, project: Project
) -> None:
    for name in ("web", "tidy", "database"):
        unit = units(configured.describe())[f"shop-{name}.service"]
        assert f"CONFIGURATION_DIRECTORY={FOLDER}" in values(unit, "Environment")
    project.text = project.text.partition("config_files:\n")[0]
    assert "CONFIGURATION_DIRECTORY" not in "".join(units(project.describe()).values())
    assert project.describe().of(ConfigFile) == ()


def test_config_files__placeholders_are_filled_in_everywhere(configured: Project) -> None:
    configured.replace("python -m shop.worker", "python -m shop.worker {config}/shop.conf {data}")
    text = units(configured.describe())["shop-worker.service"]
    (command,) = values(text, "ExecStart")
    assert command.endswith(f"python -m shop.worker {FOLDER}/shop.conf /var/lib/shop")


def test_config_files__what_runs_once_runs_as_its_processes_do_and_not_again(
    configured: Project,
) -> None:
    description = configured.describe()
    text = units(description)
    database, admin = text["shop-database.service"], text["shop-admin.service"]
    record = "/var/lib/homeport/shop/init/database"
    assert values(database, "Type") == ["oneshot"]
    assert values(database, "ConditionPathExists") == [f"!{record}"]
    assert values(database, "ExecStart") == ["/srv/shop/bin/run shop init --at /var/lib/shop"]
    assert values(database, "ExecStartPost") == [
        f'+{CLEAN} /srv/shop/bin/mark-done {record} "shop init --at /var/lib/shop"'
    ]
    assert values(database, "TimeoutStartSec") == ["60"]
    assert values(database, "MemoryMax") == ["64M"]
    assert values(database, "ProtectHome") == values(database, "WantedBy") == []
    assert values(admin, "ExecStart") == ['/srv/shop/bin/run python -m shop.admin "a b"']
    for key in ("User", "StateDirectory", "EnvironmentFile", "UMask", "ProtectSystem"):
        assert values(database, key) == values(text["shop-worker.service"], key)
    assert description.of(RunOnce) == (
        RunOnce("shop-database.service", record, "shop init --at /var/lib/shop"),
        RunOnce(
            "shop-admin.service",
            "/var/lib/homeport/shop/init/admin",
            "python -m shop.admin 'a b'",
        ),
    )
    assert not any(service.unit == "shop-database.service" for service in description.of(Service))
    assert "ConditionPathExists" not in text["shop-web.service"] + text["shop-tidy.service"]


def test_config_files__the_modules_that_an_init_starts_from_are_to_be_imported(
    configured: Project,
) -> None:
    assert "shop.admin" in configured.describe().of(Release)[0].named


def test_config_files__no_secret_of_a_template_stands_anywhere_else(configured: Project) -> None:
    description = configured.describe()
    assert "hunter2" not in repr(description)
    assert not any("hunter2" in unit.text for unit in description.of(Unit))
