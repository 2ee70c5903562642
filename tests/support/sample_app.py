"""Resources of a small application."""

from __future__ import annotations

from pathlib import Path

from homeport.artifacts import Artifact, Lock, Pinned, PythonPlatform
from homeport.engine.kind import DesiredState
from homeport.engine.sandbox import Sandbox
from homeport.files.entries import Absent, Directory, File, Link
from homeport.operations.bootstrap.admin_users import AdminUser
from homeport.operations.bootstrap.host_keys import HostKeys
from homeport.operations.bootstrap.hostname import HostName
from homeport.operations.bootstrap.readers import Reader
from homeport.operations.bootstrap.root_mount import NoatimeRoot
from homeport.operations.bootstrap.ssh_sessions import KeyLogins
from homeport.operations.bootstrap.sshd_settings import SshdLockdown
from homeport.operations.bootstrap.system_services import SystemService
from homeport.operations.bootstrap.timezone import TimeZone
from homeport.operations.bootstrap.zram import Zram
from homeport.operations.config_files import FILE, CheckRunner, ConfigFile
from homeport.operations.git_hooks import GitHook
from homeport.operations.packages.resources import Package
from homeport.operations.platform.resources import HostPlatform, LocalPlatform
from homeport.operations.proxy.certificates import Certificate
from homeport.operations.proxy.resources import Site
from homeport.operations.release_check import ReleaseCheck
from homeport.operations.releases import Release
from homeport.operations.services.resources import CurrentLink, RunOnce, Service, ServiceInput
from homeport.operations.units.resources import Unit
from homeport.operations.units.slot_units import SlotUnit
from homeport.operations.users.resources import ServiceUser
from homeport.operations.venvs.resources import Venv

MACHINE = HostPlatform("amd64", "12")
TARGET = PythonPlatform("amd64", "3.11", "12")
LOCK = Lock.of([Pinned("flask", "3.0", ("a" * 64,))], TARGET)
VENV = Venv("/srv/shop/venvs/v1", LOCK, TARGET)
ARTIFACT = Artifact("f" * 64, Path("/none"), ("shop",), 1, False, "c" * 40, "d" * 64)
SANDBOX = Sandbox("homeport-check-shop", "/srv/c", "/srv/r", "/etc/sec", ("A=b c",))
RELEASE = Release(
    "/srv/shop/releases/r1",
    ARTIFACT,
    VENV,
    "/srv/shop/bin/check",
    ("/etc/env", "/etc/sec"),
    SANDBOX,
)
CURRENT = CurrentLink("/srv/shop/current", RELEASE.path, VENV.path)
READS = (ServiceInput("/etc/env", "e" * 64), ServiceInput("/etc/sec", "5" * 64, secret=True))
CHECKER = CheckRunner(RELEASE.path, CURRENT.path, SANDBOX)
CONFIG = ConfigFile(
    File("/etc/c", b"c\n", "440", group="shop", secret=True), ("see", FILE), CHECKER
)
ONCE = RunOnce("shop-run_once.service", "/var/lib/homeport/shop/init/init", "shop init")
WEB = Service("shop-web.service", "abcd", READS, CURRENT, ready=("check", "ready", "a b"))
TIMER = Service("shop-tidy.timer")
CERTIFICATE = Certificate("homeport-shop", ("shop.example",), "me@shop.example", "/srv/acme")
SITE = Site(
    "/etc/nginx/conf.d/homeport-shop.conf",
    "# Answers to shop.example on port 9.\nserver {}\n",
    "abcd",
    "https://shop.example:9/.homeport/proxy",
    ("shop.example",),
    CERTIFICATE.certificate,
    CERTIFICATE.key,
)

EVERYTHING = DesiredState(
    "shop",
    (
        MACHINE,
        LocalPlatform("3.11", "/usr/bin/python3.11", ("curl",)),
        Package("curl"),
        ServiceUser("shop", "/var/lib/shop"),
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
        ReleaseCheck("/var/lib/homeport/shop/checked", ("judge", "it's"), CHECKER, "d" * 64),
        WEB,
        TIMER,
        CERTIFICATE,
        SITE,
        GitHook("/none/.git/hooks/pre-commit", "#!/bin/sh\n", "me", "us"),
    ),
)
BARE = DesiredState(
    "_host",
    (
        MACHINE,
        HostKeys("pi", Path("/none/known_hosts")),
        Package("sudo"),
        AdminUser("deploy"),
        Reader("ann"),
        File("/etc/sudoers.d/homeport-deploy", b"", "440", check="visudo -cqf {}"),
        SshdLockdown(("root", "pi", "deploy"), 120),
        KeyLogins("deploy", ("SHA256:mine",)),
        HostName("shed"),
        TimeZone("Europe/Berlin"),
        SystemService("a.timer", (File("/etc/a.d/ours", b"x"),)),
        NoatimeRoot(),
        Zram(),
    ),
)
NOTHING_AT_ALL = DesiredState("shop", ())
