"""What a deploy of the shop may want, as the files of a host."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.support.fake_systemd import UNITS

APP = "shop"
WORKER = "shop-worker.service"
TIMER = "shop-tidy.timer"


SITE = "/etc/nginx/conf.d/homeport-shop.conf"


@dataclass(frozen=True)
class Version:
    """What a deploy wants: code, and one setting that has nothing to do with it."""

    code: str
    setting: str = "calm"
    slots: bool = True
    singles: bool = True
    once: str | None = None
    data: int = 1
    soak: int = 3
    proxy: bool = False
    secret: str | None = None

    def files(self) -> dict[str, dict[str, str]]:
        """Return the managed files by ledger."""
        etc, numbers = "/etc/homeport/shop", {"data_version": self.data, "soak": self.soak}
        files = {
            f"{etc}/environment": self.setting,
            f"{etc}/processes.json": processes(
                self.code, self.slots, self.singles, self.proxy, **numbers
            ),
        }
        if self.secret:
            # One in the environment, and the same in a file that was made with it.
            files[f"{etc}/secrets"] = f'# header\nOTHER="as ever"\nTOKEN="{self.secret}"\n'
            files[f"{etc}/config/app.ini"] = f"url = db://me:{self.secret}@db/{self.code}\n"
        units = {}
        if self.slots:
            units[f"{etc}/units/shop-web@.service"] = f"web of {self.code}"
        if self.singles:
            units[f"/{UNITS}/{WORKER}"] = f"worker of {self.code}"
            units[f"/{UNITS}/{TIMER}"] = f"timer of {self.code}"
            units[f"/{UNITS}/shop-tidy.service"] = f"tidy of {self.code}"
        if self.once:
            units[f"/{UNITS}/{self.once}.service"] = f"once of {self.code}"
        sites = {"proxy": {SITE: "# It says f00d at http://shop.example\n"}} if self.proxy else {}
        return {"files": files, "units": units, **sites}

    def paths(self) -> set[str]:
        """Return the paths of all of them."""
        return {path for group in self.files().values() for path in group}


def processes(
    release: str, slots: bool = True, singles: bool = True, proxy: bool = False, **numbers: int
) -> str:
    """Return a description of a web process, in slots, and a worker beside it."""
    web = {"deadline": 5, "ready": True, "successes": 2, "unit": "shop-web@"}
    web |= {"socket": "/run/shop-web-{slot}/web.sock"}
    web |= {"link": "/run/homeport-sockets/shop/web.sock"}
    web |= {"proxied": "/run/homeport-proxy/shop/web"}
    if proxy:
        log = "/var/log/nginx/homeport-shop.error.log"
        url = "http://shop.example:80/.homeport/served"
        web["proxy"] = {"url": url, "site": SITE, "log": log, "timeout": 5}
    worker = {"unit": "shop-worker.service", "ready": False, "deadline": 5, "successes": 1}
    spec = {
        "app": "shop",
        "release": f"/srv/shop/releases/{release}",
        "current": "/srv/shop/current",
        "check": "/srv/shop/bin/check-health",
        "slots": {"web": web} if slots else {},
        "singles": {"worker": worker} if singles else {},
        "timers": ["shop-tidy.timer"] if singles else [],
        **{
            "version": 1,
            "soak": 3,
            "drain_timeout": 10,
            "keep_releases": 3,
            "data_version": 1,
            **numbers,
        },
    }
    return json.dumps(spec, sort_keys=True, indent=1)


OLD, NEW = Version("v1"), Version("v2", "keen")
