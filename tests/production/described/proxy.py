"""Sites of nginx: it runs them, now and after a reboot, and with a certificate that holds."""

from __future__ import annotations

import hashlib
from shlex import quote
from urllib.parse import urlsplit

from homeport.engine.kind import DesiredState
from homeport.operations.proxy.certificates import Certificate
from homeport.operations.proxy.resources import Sandbox, Site
from homeport.operations.proxy.sandbox import TEXT

DROP_IN = "/etc/systemd/system/nginx.service.d/homeport.conf"
SWITCHES = {"yes": "yes", "true": "yes", "full": "full", "read-only": "read-only"}
SWITCHED = {
    name: SWITCHES[value]
    for name, _, value in (line.partition("=") for line in TEXT.splitlines())
    if value in SWITCHES
}
"""Settings of the sandbox whose value systemd(1) shows as it is written."""
UNHARDENED = "/var/lib/homeport/_host/nginx-unhardened"
NEEDS_MORE = "(log|path|store) .?/(home|root|usr|etc)/|dav_methods|_store|transparent|passenger_"
"""What other sites may use that no sandbox of ours lets them."""
DAY = 86400


def question(description: DesiredState) -> str:
    """Return the shell that prints nginx's state, what answers, and how long certificates hold."""
    sites, certificates = description.of(Site), description.of(Certificate)
    if not sites:
        return ":"
    lines = [
        'echo "runs $(systemctl is-active nginx) $(systemctl is-enabled nginx 2>/dev/null)"',
        'echo "reads $(nginx -t -q 2>&1 | tail -n 1)"',
        *map(_request, sites),
        *map(_shown, (site for site in sites if site.certificate)),
    ]
    if description.of(Sandbox):
        lines.append(
            f"systemctl show nginx -p {','.join(SWITCHED)},Restart,NeedDaemonReload"
            " | sed 's/^/unit /'; "
            f"echo holds $(sha256sum <{DROP_IN} 2>/dev/null)"
            f" $(stat -c %F:%a:%U:%G {DROP_IN} 2>/dev/null); "
            "pid=$(cat /run/nginx.pid 2>/dev/null); grep -hs NoNewPrivs /proc/${pid:-0}/status || :"
            f"; test ! -e {UNHARDENED} || echo unhardened"
            f"; nginx -T 2>/dev/null | grep -qE '{NEEDS_MORE}' && echo unhardened || :"
        )
    for certificate in certificates:
        timer = "$(systemctl is-active certbot.timer) $(systemctl is-enabled certbot.timer)"
        lines.append(f"echo renewed {certificate.name} {timer}")
        renewal = quote(f"/etc/letsencrypt/renewal/{certificate.name}.conf")
        lines.append(f"if [ -s {renewal} ]; then echo known {certificate.name}; fi")
    return "\n".join(lines)


def _request(site: Site) -> str:
    head = "curl -q -s -k --noproxy '*' --max-time 5 --connect-to ::127.0.0.1: -o /dev/null -D -"
    header = "tr -d '\\r' | sed -n 's/^X-Homeport-Proxy: //ip'"
    return f'echo says {site.path} "$({head} {quote(site.url)} | {header})"'


def _shown(site: Site) -> str:
    url = urlsplit(site.url)
    shown = f"openssl s_client -connect 127.0.0.1:{url.port} -servername {url.hostname} 2>/dev/null"
    lasts = f"openssl x509 -noout -checkend {DAY} >/dev/null 2>&1"
    return f"{shown} </dev/null | {lasts} && echo lasts {site.path} || :"


def sandbox_faults(sandbox: Sandbox, answer: str) -> list[str]:
    """Return what nginx's sandbox lacks; nothing where the host says why it has none."""
    lines = answer.splitlines()
    if "unhardened" in lines:
        return []
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    wanted = {
        **{f"unit {name}={value}": f"has no {name}={value}" for name, value in SWITCHED.items()},
        **{"NoNewPrivs:\t1": "runs without it"},
        **{"unit Restart=on-failure": "is not restarted when it dies"},
        **{"unit NeedDaemonReload=no": "has a drop-in that systemd has not read"},
        f"holds {digest} - regular file:644:root:root": f"has another {DROP_IN}",
    }
    return [f"nginx {fault}" for line, fault in wanted.items() if line not in lines]


def faults(site: Site, answer: str) -> list[str]:
    """Return what is wrong with a site of nginx."""
    lines = [line.split(" ") for line in answer.splitlines()]
    active, enabled = [*next(words[1:] for words in lines if words[0] == "runs"), "", ""][:2]
    wrong = [] if active == "active" else [f"nginx is {active}"]
    if enabled != "enabled":
        wrong.append(f"nginx is {enabled}, so it does not start at boot")
    if error := next(line for line in answer.splitlines() if line.startswith("reads "))[6:]:
        wrong.append(f"nginx could not start again: {error}")
    says = next(words[2] for words in lines if words[:2] == ["says", site.path])
    if says != site.digest:
        wrong.append(f"what answers at {site.url} is {says or 'something else'}")
    if site.certificate and ["lasts", site.path] not in lines:
        wrong.append("the certificate that it shows does not last another day")
    return wrong


def certificate_faults(certificate: Certificate, answer: str) -> list[str]:
    """Return that a certificate is not renewed, if it isn't."""
    lines, wrong = answer.splitlines(), []
    if f"renewed {certificate.name} active enabled" not in lines:
        wrong.append("certbot.timer does not run now and after a boot, so it is not renewed")
    if f"known {certificate.name}" not in lines:
        wrong.append("certbot does not know how to renew it")
    return wrong
