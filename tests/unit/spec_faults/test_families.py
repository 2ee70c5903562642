"""What is damaged follows from what stands on a host; each damage has its inverse."""

from __future__ import annotations

from tests.spec_faults.families import damages
from tests.spec_faults.survey import Place, Survey
from tests.support.real_shell import is_shell

RELEASE, VENV = "/srv/shop/releases/r", "/srv/shop/venvs/v"
FILES = (
    *(f"{RELEASE}/shop/web.py", f"{VENV}/bin/gunicorn", f"{VENV}/lib/a.py", "/srv/shop/bin/run"),
    *("/etc/homeport/shop/secrets", "/etc/homeport/shop/config/a", "/usr/local/sbin/homeportctl"),
    *("/etc/systemd/system/shop-web@a.service", "/etc/systemd/system/shop-web@b.service"),
    *("/etc/systemd/system/shop-worker.service", "/etc/nginx/conf.d/homeport-shop.conf"),
)
FOLDERS = ("/srv/shop", "/var/lib/shop", "/var/cache/shop", "/var/log/shop", RELEASE)
LINKS = {"/srv/shop/current": RELEASE, f"{RELEASE}/venv": "../../venvs/v"}
UNIT = {"ActiveState": "active", "UnitFileState": "enabled", "WatchdogUSec": "15s"}
UNIT |= {"ExecStart": "{ path=/srv/shop/bin/run ; argv[]=/srv/shop/bin/run gunicorn x ; }"}
HOST = Survey(
    "shop",
    {"name": "shop", "python": "3.11", "processes": {"web": {}, "api": {"listen": 8000}}},
    {
        **{path: Place(path, "f", "644", "root", "root", "") for path in FILES},
        **{path: Place(path, "d", "755", "root", "root", "") for path in FOLDERS},
        **{path: Place(path, "l", "777", "root", "root", to) for path, to in LINKS.items()},
    },
    {
        name: {**UNIT, "Id": name, "FragmentPath": f"/etc/systemd/system/{name}"}
        for name in ("shop-web@a.service", "shop-worker.service", "shop-tidy.timer")
    },
)


def test_families__a_data_directory_that_is_opened_to_every_user_is_among_them() -> None:
    opened = {each.name for each in damages(HOST) if each.kind == "test_data_is_its_own"}
    for folder in ("/var/lib/shop", "/var/cache/shop", "/var/log/shop"):
        assert f"{folder} is opened to every user" in opened


def test_families__each_damage_and_its_inverse_are_shell() -> None:
    scripts = [text for each in damages(HOST) for text in (each.apply, each.undo or ":")]
    is_shell("\n".join(f"(\n{script}\n)" for script in scripts), ("sh",))


def test_families__what_serves_is_damaged_and_what_is_idle_is_not() -> None:
    touched = " ".join(each.apply for each in damages(HOST))
    assert "shop-web@a.service" in touched
    assert "shop-web@b.service" not in touched
