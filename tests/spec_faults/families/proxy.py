"""Damage of the proxy: nginx, what it was started with, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator

from tests.spec_faults import ways
from tests.spec_faults.damage import Damage
from tests.spec_faults.survey import ASIDE, Survey

RELOAD = "systemctl reload nginx; sleep 0.5"
DROP_IN = "/etc/systemd/system/nginx.service.d/homeport.conf"


def damages(survey: Survey) -> Iterator[Damage]:
    """Yield damage of nginx, if it stands before the application."""
    site = f"/etc/nginx/conf.d/homeport-{survey.app}.conf"
    if site not in survey.places:
        return
    yield Damage(
        "Site",
        site,
        "nginx is stopped",
        "systemctl stop nginx",
        "systemctl start nginx; sleep 0.5",
        ("proxy",),
    )
    yield Damage(
        "Site",
        site,
        "nginx is disabled",
        "systemctl disable --quiet nginx",
        "systemctl enable --quiet nginx",
        ("Site",),
    )
    yield Damage(
        "Site",
        site,
        "nginx could not start again",
        "echo 'nonsense on;' >/etc/nginx/conf.d/other.conf",
        "rm /etc/nginx/conf.d/other.conf",
        ("Site",),
    )
    yield Damage(
        "Site",
        site,
        "nginx runs another site than the one that lies there",
        _edited(site, "s/^# It says.*//; s/X-Homeport-Proxy [0-9a-f]*/X-Homeport-Proxy 1234/")
        + f"; {RELOAD}; {_back(site)}",
        RELOAD,
    )
    yield from _answers(site)
    yield from _certificate(survey)
    yield from _sandbox(survey)


def _edited(path: str, edit: str) -> str:
    return f"cp -p {path} {ASIDE}/site; sed -i '{edit}' {path}"


def _back(path: str) -> str:
    return f"cat {ASIDE}/site >{path}; touch -r {ASIDE}/site {path}"


def _answers(site: str) -> Iterator[Damage]:
    edits = {
        ("test_front_answers_with_the_headers_that_are_described", "a header is missing"): (
            "/add_header X-Frame-Options/d"
        ),
        ("test_front_answers_with_the_headers_that_are_described", "nginx tells its version"): (
            "s/server_tokens off/server_tokens on/"
        ),
        ("test_front_keeps_from_others_what_is_for_the_host", "every client is let in"): (
            "s/^    default 0;/    default 1;/"
        ),
        ("test_people_reach_the_process_that_runs", "the host own request leads nowhere"): (
            "s/location = .\\/.homeport\\/served/location = \\/.homeport\\/other/"
        ),
    }
    for (kind, what), edit in edits.items():
        yield Damage(
            kind,
            "*",
            what,
            f"{_edited(site, edit)}; {RELOAD}",
            f"{_back(site)}; {RELOAD}",
            ("Site", "proxy"),
        )


def _sandbox(survey: Survey) -> Iterator[Damage]:
    if DROP_IN not in survey.places:
        return
    reload = "systemctl daemon-reload"
    restart = "systemctl restart nginx; sleep 0.5"
    back = f"cp -p {ASIDE}/drop-in {DROP_IN}; {reload}"
    keep = f"cp -p {DROP_IN} {ASIDE}/drop-in"
    yield Damage("Sandbox", "*", "nginx has no drop-in", f"{keep}; rm {DROP_IN}; {reload}", back)
    yield Damage(
        "Sandbox",
        "*",
        "nginx was started without its sandbox",
        f"{keep}; rm {DROP_IN}; {reload}; {restart}; {back}",
        restart,
    )
    yield Damage(
        "Sandbox",
        "*",
        "one setting of the sandbox is gone",
        f"{keep}; sed -i '/PrivateDevices/d' {DROP_IN}; {reload}",
        back,
    )
    place = "/etc/systemd/system/nginx.service.d/zz-other.conf"
    yield Damage(
        "Sandbox",
        "*",
        "another drop-in takes the sandbox away",
        f"printf '[Service]\\nPrivateDevices=no\\nProtectHome=no\\n' >{place}; {reload}",
        f"rm {place}; {reload}",
    )


def _certificate(survey: Survey) -> Iterator[Damage]:
    renewal = f"/etc/letsencrypt/renewal/homeport-{survey.app}.conf"
    if renewal not in survey.places:
        return
    timer = "certbot.timer"
    yield Damage(
        "Certificate",
        "*",
        f"{timer} is stopped",
        f"systemctl stop {timer}",
        f"systemctl start {timer}",
    )
    yield Damage(
        "Certificate",
        "*",
        f"{timer} is disabled",
        f"systemctl disable --quiet {timer}",
        f"systemctl enable --quiet {timer}",
    )
    gone = ways.removed(survey.places[renewal])
    yield Damage("Certificate", "*", gone.name, gone.apply, gone.undo)
