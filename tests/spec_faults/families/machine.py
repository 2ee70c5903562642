"""Damage of the machine: its Debian, its packages, and the program that guards deploys."""

from __future__ import annotations

from collections.abc import Iterator

from tests.spec_faults.damage import Damage
from tests.spec_faults.families.drop_ins import masked
from tests.spec_faults.survey import ASIDE, Survey

STATUS = "/var/lib/dpkg/status"
RELEASE = "/usr/lib/os-release"
ALWAYS = ("curl", "ca-certificates")
"""What each host asks its processes with, and what knows the authorities of others."""


def damages(survey: Survey) -> Iterator[Damage]:
    """Yield damage of the machine."""
    yield from _release()
    yield from _packages(survey)
    yield from _program(survey)
    yield from _absent(survey)


def _release() -> Iterator[Damage]:
    for what, edit in {
        "another release": 's/^VERSION_ID=.*/VERSION_ID="9"/',
        "no Debian": "s/^ID=.*/ID=other/",
    }.items():
        yield Damage(
            "HostPlatform",
            "*",
            f"the host is {what}",
            f"cp -p {RELEASE} {ASIDE}/os-release; sed -i '{edit}' {RELEASE}",
            f"cat {ASIDE}/os-release >{RELEASE}; touch -r {ASIDE}/os-release {RELEASE}",
        )


def _packages(survey: Survey) -> Iterator[Damage]:
    wanted = [*ALWAYS, f"python{survey.described['python']}"]
    wanted += [*survey.described.get("apt_packages", survey.described.get("packages", ()))]
    wanted += ["nginx"] * ("proxy" in survey.described)
    states = {
        "half configured": "install ok half-configured",
        "removed, and its settings are left": "deinstall ok config-files",
    }
    for name in wanted:
        for what, state in states.items():
            edit = f"/^Package: {name}$/,/^$/s/^Status: .*/Status: {state}/"
            yield Damage(
                "Package",
                name,
                f"{name} is {what}",
                f"cp -p {STATUS} {ASIDE}/status; sed -i '{edit}' {STATUS}",
                f"cp -p {ASIDE}/status {STATUS}",
            )
    yield Damage(
        "Package",
        "curl",
        "curl is removed",
        "dpkg --remove --force-depends curl >/dev/null 2>&1",
        None,
        ("down", "proxy", "Certificate"),
    )


def _program(survey: Survey) -> Iterator[Damage]:
    unit = "homeportctl-boot.service"
    yield Damage(
        "HostProgram",
        "*",
        f"{unit} is disabled",
        f"systemctl disable --quiet {unit}",
        f"systemctl enable --quiet {unit}",
    )
    yield Damage(
        "HostProgram",
        "*",
        f"{unit} is masked",
        *masked(unit),
    )
    place = f"/etc/systemd/system/{unit}.d"
    yield Damage(
        "HostProgram",
        "*",
        f"a drop-in changes {unit}",
        f"mkdir {place}; printf '[Service]\\nExecStart=\\nExecStart=/bin/true\\n' >{place}/a.conf;"
        "systemctl daemon-reload",
        f"rm -r {place}; systemctl daemon-reload",
    )
    yield Damage(
        "test_reboot_brings_everything_back",
        "",
        "nothing starts a slot at boot",
        f"systemctl disable --quiet {unit}",
        None,
        ("HostProgram", "down", "proxy"),
        disturbs=True,
    )


def _absent(survey: Survey) -> Iterator[Damage]:
    for path in survey.described.get("absent", ()):
        for what, apply in {
            "a file": f"touch {path}",
            "a link": f"ln -s /nonexistent {path}",
            "a folder": f"mkdir {path}",
        }.items():
            yield Damage("Absent", path, f"{path} is {what}", apply, f"rm -r {path}")
