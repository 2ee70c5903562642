"""Sites of nginx: it runs them, now and after a reboot, and with a certificate that holds."""

from __future__ import annotations

from shlex import quote
from urllib.parse import urlsplit

from homeport.engine.kind import DesiredState
from homeport.operations.proxy.certificates import Certificate
from homeport.operations.proxy.resources import Sandbox, Site

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
            "systemctl show nginx -p NoNewPrivileges,ProtectSystem,Restart,NeedDaemonReload"
            " | sed 's/^/unit /'; "
            "pid=$(cat /run/nginx.pid 2>/dev/null); grep -hs NoNewPrivs /proc/${pid:-0}/status || :"
            f"; test ! -e {UNHARDENED} || echo unhardened"
            f"; nginx -T 2>/dev/null | grep -qE '{NEEDS_MORE}' && echo unhardened || :"
        )
    for certificate in certificates:
        lines.append(f"echo renewed {certificate.name} $(systemctl is-active certbot.timer)")
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
    wanted = {
        **{"unit NoNewPrivileges=yes": "may gain privileges", "NoNewPrivs:\t1": "runs without it"},
        **{"unit ProtectSystem=full": "may write to /usr and /etc"},
        **{"unit Restart=on-failure": "is not restarted when it dies"},
        **{"unit NeedDaemonReload=no": "has a drop-in that systemd has not read"},
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
    renewed = f"renewed {certificate.name} active" in answer.splitlines()
    return [] if renewed else ["certbot.timer does not run, so it is not renewed"]
