"""What description.processes promises."""

from __future__ import annotations

from homeport.artifacts import PythonPlatform
from homeport.description.app_build import build
from homeport.description.host import describe
from homeport.description.processes import CLEAN
from homeport.engine.secret_digest import sha256
from homeport.operations.releases import Release
from homeport.operations.units.resources import Unit
from tests.support.described_app import Project
from tests.support.described_parts import files, moved, services, units, values
from tests.support.systemd_words import systemd_words


def test_processes__a_change_of_one_process_is_nothing_to_the_others(project: Project) -> None:
    before = project.describe()
    after = project.describe(processes={"web": {"memory": "512M"}})
    assert moved(before, after) == {"shop-web.service"}
    slotted = moved(before, project.describe(processes={"api": {"memory": "512M"}}))
    assert slotted == {"shop-api@.service"}
    assert services(before)["shop-web.service"].digest != services(after)["shop-web.service"].digest


def test_processes__a_service_reads_what_it_starts_with_to_the_byte(project: Project) -> None:
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


def test_processes__what_a_service_reads_is_what_it_records_at_its_start(project: Project) -> None:
    description = project.describe()
    for unit, service in services(description).items():
        if not service.digest:
            continue
        (line,) = values(units(description)[unit], "ExecStartPre")
        slot = " -s /srv/shop/slots/%i" if service.slotted else ""
        begin = f"+{CLEAN} /srv/shop/bin/record-start{slot} %n {service.digest} "
        assert line.startswith(begin)
        paths = line.removeprefix(begin).split()
        assert service.current is not None
        assert set(paths) == {*service.current.followed, *(read.path for read in service.reads)}


def test_processes__the_digest_in_a_unit_tells_its_text(project: Project) -> None:
    one = project.describe()
    for change in (
        {"command": "gunicorn shop.web:app"},
        {"stop_timeout": 21},
        {"disable_hardening": ["ProtectHome"]},
        {"notify": False},
        {"tasks": 10},
    ):
        other = project.describe(processes={"web": change})
        digests = [services(each)["shop-web.service"].digest for each in (one, other)]
        assert digests[0] != digests[1]
        assert digests[1] in units(other)["shop-web.service"]


def test_processes__a_unit_says_how_its_process_runs(project: Project) -> None:
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


def test_processes__a_process_is_started_again_for_as_long_as_it_takes(project: Project) -> None:
    text = units(project.describe())["shop-web.service"]
    assert values(text, "StartLimitIntervalSec") == ["0"]
    assert values(text, "StartLimitBurst") == []
    assert values(text, "RestartSec") == ["3"]
    assert values(text, "RestartSteps") == []
    app = project.app(python="3.13")
    newer = describe(app, build(app, PythonPlatform("amd64", "3.13", "13")))
    text = units(newer)["shop-web.service"]
    assert values(text, "StartLimitIntervalSec") == ["0"]
    assert values(text, "RestartSec") == ["2"]
    # Known from systemd 254 on: a minute after what was missing is there, it is up again.
    assert values(text, "RestartSteps") == ["5"]
    assert values(text, "RestartMaxDelaySec") == ["20"]


def test_processes__what_starts_at_boot_waits_until_what_was_not_confirmed_is_reverted(
    project: Project,
) -> None:
    for name, text in units(project.describe()).items():
        if name.endswith(".service"):
            waits = "homeportctl-boot.service" in values(text, "After")[0].split()
            # A slot is started by that itself, and a timer would wait for what waits for timers.
            assert waits is not name.endswith("@.service"), name
        else:
            assert values(text, "After") == []


def test_processes__every_line_of_a_unit_is_a_section_a_comment_or_a_setting(
    project: Project,
) -> None:
    for text in units(project.describe()).values():
        assert "{{" not in text
        assert "None" not in text
        for line in text.splitlines():
            assert not line or line[0] in "[#" or line.partition("=")[0].isalpha(), line


def test_processes__the_modules_that_commands_start_from_are_to_be_imported(
    project: Project,
) -> None:
    (release,) = project.describe().of(Release)
    assert set(release.named) >= {"shop.web", "shop.api", "shop.worker", "shop.tidy"}
    assert not any(":" in name or name[0].isdigit() for name in release.named)


def test_processes__a_command_keeps_its_percents_and_dollars(project: Project) -> None:
    (line,) = values(units(project.describe())["shop-web.service"], "ExecStart")
    assert systemd_words(line) == [
        "/srv/shop/bin/run", "gunicorn", "--bind", "0.0.0.0:8000", "--name", "50% of $HOME",
        "shop.web:app",
    ]  # fmt: skip
    (line,) = values(units(project.describe())["shop-api@.service"], "ExecStart")
    assert "/run/shop-api-a/api.sock" in systemd_words(line.replace("-%i/", "-a/"))


def test_processes__what_a_user_wrote_never_stands_for_the_slot(project: Project) -> None:
    project.replace("uvicorn --uds {socket}", "uvicorn --name %i --uds {socket}")
    (line,) = values(units(project.describe())["shop-api@.service"], "ExecStart")
    assert line.split()[1:4] == ["uvicorn", "--name", "%%i"]
    assert line.count("%i") == 2
