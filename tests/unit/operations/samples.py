"""Resources of a small application."""

from __future__ import annotations

from pathlib import Path

from homeport.artifacts import Artifact, Lock, Pinned, Target
from homeport.files import Absent, Directory, File, Link
from homeport.resource import Description
from operations.accounts import Account
from operations.certificates import Certificate
from operations.checks import Check
from operations.configs import FILE, Checker, Config
from operations.daemons import Daemon
from operations.hooks import Hook
from operations.hostkeys import HostKeys
from operations.hostnames import HostName
from operations.hosts import Machine, Workstation
from operations.logins import Logins
from operations.mounts import SparedRoot
from operations.operators import Operator
from operations.packages import Package
from operations.releases import Release
from operations.running import Current, Once, Reads, Service
from operations.sites import Site
from operations.slots import SlotUnit
from operations.swaps import Zram
from operations.timezones import TimeZone
from operations.units import Unit
from operations.venvs import Venv

MACHINE = Machine("amd64", "12")
TARGET = Target("amd64", "3.11", "12")
LOCK = Lock.of([Pinned("flask", "3.0", ("a" * 64,))], TARGET)
VENV = Venv("/srv/shop/venvs/v1", LOCK, TARGET)
ARTIFACT = Artifact("f" * 64, Path("/none"), ("shop",), 1, False, "c" * 40, "d" * 64)
RELEASE = Release(
    "/srv/shop/releases/r1", ARTIFACT, VENV, "shop", "/srv/shop/bin/check", ("/etc/env", "/etc/sec")
)
CURRENT = Current("/srv/shop/current", RELEASE.path, VENV.path)
READS = (Reads("/etc/env", "e" * 64), Reads("/etc/sec", "5" * 64, secret=True))
CHECKER = Checker("shop", RELEASE.path, CURRENT.path, "/etc/sec", "/srv/c", "/srv/r", ("A=b c",))
CONFIG = Config(File("/etc/c", b"c\n", "440", group="shop", secret=True), ("see", FILE), CHECKER)
ONCE = Once("shop-init.service", "/var/lib/homeport/shop/init/init", "shop init")
WEB = Service("shop-web.service", "abcd", READS, CURRENT, ready=("check", "ready", "a b"))
TIMER = Service("shop-tidy.timer")
CERTIFICATE = Certificate("homeport-shop", ("shop.example",), "me@shop.example", "/srv/acme")
SITE = Site(
    "/etc/nginx/conf.d/homeport-shop.conf",
    "# Answers to shop.example on port 9.\nserver {}\n",
    "abcd",
    "https://shop.example:9/.homeport/front",
    ("shop.example",),
    CERTIFICATE.certificate,
    CERTIFICATE.key,
)

EVERYTHING = Description(
    "shop",
    (
        MACHINE,
        Workstation("3.11", "/usr/bin/python3.11", ("curl",)),
        Package("curl"),
        Account("shop", "/var/lib/shop"),
        Directory("/srv/shop"),
        File("/etc/env", b"A=1\n", "640", group="shop"),
        File("/etc/sec", b"B=2\n", "600", secret=True),
        Link("/etc/l", "it's here"),
        Absent("/etc/old"),
        VENV,
        RELEASE,
        CONFIG,
        CURRENT,
        ONCE,
        Unit("shop-web.service", "[Service]\n"),
        SlotUnit("shop-api@.service", "[Service]\n", "/etc/homeport/shop/units", "/srv/shop/slots"),
        Check("/var/lib/homeport/shop/checked", ("judge", "it's"), CHECKER, "d" * 64),
        WEB,
        TIMER,
        CERTIFICATE,
        SITE,
        Hook("/none/.git/hooks/pre-commit", "#!/bin/sh\n", "me", "us"),
    ),
)
BARE = Description(
    "_host",
    (
        MACHINE,
        HostKeys("pi", Path("/none/known_hosts")),
        Package("sudo"),
        Operator("deploy"),
        File("/etc/sudoers.d/homeport-deploy", b"", "440", check="visudo -cqf {}"),
        Logins(("root", "pi", "deploy"), 120),
        HostName("shed"),
        TimeZone("Europe/Berlin"),
        Daemon("a.timer", (File("/etc/a.d/ours", b"x"),)),
        SparedRoot(),
        Zram(),
    ),
)
NOTHING_AT_ALL = Description("shop", ())
