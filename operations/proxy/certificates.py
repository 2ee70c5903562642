"""Certificates from an authority: certbot gets them, and its own timer renews them.

One that left the description is renewed no more. It stays on the host: a revert may need it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from shlex import quote
from typing import NamedTuple

from homeport.engine.kind import Because, Change, Reason, SnapshotContext, Target

FOLDER = "/etc/letsencrypt"
ASIDE = ".set-aside"
LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"
HOOK = "systemctl reload nginx"


def called(app: str) -> str:
    """Return what the certificate of an application is called."""
    return f"homeport-{app}"


def renewal(name: str) -> str:
    """Return the file from which certbot renews a certificate."""
    return f"{FOLDER}/renewal/{name}.conf"


@dataclass(frozen=True)
class Certificate:
    """A certificate for names that lead to this host, proven by files in ``webroot``."""

    name: str
    names: tuple[str, ...]
    email: str
    webroot: str
    directory: str | None = None

    @property
    def certificate(self) -> str:
        """The file with the certificate; it leads to the newest one."""
        return f"{FOLDER}/live/{self.name}/fullchain.pem"

    @property
    def key(self) -> str:
        """The file with its key."""
        return f"{FOLDER}/live/{self.name}/privkey.pem"


class RenewalStop(NamedTuple):
    """That the certificate of an application is to be renewed no more."""

    app: str


class Why(Reason):
    """The reasons why a certificate is to be got, or to be renewed no more."""

    NEW = "certificate for {}, from {}"
    NAMES = "it is for {}, not {}"
    AUTHORITY = "it is from {}, not {}"
    NO_LONGER_RENEWED = "no longer renewed; kept as {}"


def probe(app: str) -> str:
    """Return the shell that prints how an application's certificate is renewed, if it is."""
    file = quote(renewal(called(app)))
    return f"if [ -f {file} ]; then sed 's/^/renewal\\t/' {file}; fi\n"


def diff(
    kind: str, app: str, desired: Sequence[Certificate], renewal_lines: Sequence[str]
) -> Iterator[Change[Certificate | RenewalStop]]:
    """Yield a kind's changes: what is to be got, or renewed no more by the lines of renewal."""
    for certificate in desired:
        names = ", ".join(certificate.names)
        if not renewal_lines:
            because = Why.NEW(names, _authority(certificate))
            yield Change("add", Target(kind, certificate.certificate), (because,), certificate)
        elif reasons := tuple(_differs(certificate, renewal_lines)):
            yield Change("change", Target(kind, certificate.certificate), reasons, certificate)
    if renewal_lines and not desired:
        file = renewal(called(app))
        because = Why.NO_LONGER_RENEWED(f"{file}{ASIDE}")
        yield Change("remove", Target(kind, file), (because,), RenewalStop(app))


def _authority(certificate: Certificate) -> str:
    return certificate.directory or LETS_ENCRYPT


def _differs(certificate: Certificate, renewal_lines: Sequence[str]) -> Iterator[Because]:
    pairs = [line.partition(" = ") for line in renewal_lines]
    names = {name for name, _, webroot in pairs if webroot == certificate.webroot}
    names.discard("webroot_path")
    if names != set(certificate.names):
        wanted = ", ".join(certificate.names)
        yield Why.NAMES(", ".join(sorted(names)) or "none of ours", wanted)
    server = next((value for name, _, value in pairs if name == "server"), "")
    if server != _authority(certificate):
        yield Why.AUTHORITY(server or "nowhere", _authority(certificate))


def obtain(
    app: str, certificate: Certificate, snapshot_context: SnapshotContext, *, anew: bool
) -> str:
    """Return the shell that gets a certificate; ``anew`` also if there is one that still serves."""
    file = quote(renewal(certificate.name))
    words = [
        *("certbot", "certonly", "--non-interactive", "--agree-tos", "--email", certificate.email),
        *("--cert-name", certificate.name, "--renew-with-new-domains"),
        *("--webroot", "--webroot-path", certificate.webroot, "--deploy-hook", HOOK),
        *("--server", _authority(certificate), *(["--force-renewal"] if anew else [])),
        *(word for name in certificate.names for word in ("--domain", name)),
    ]
    return f"""\
{_keep(app, snapshot_context)}
if [ -f {file}{ASIDE} ] && [ ! -e {file} ]; then mv {file}{ASIDE} {file}; fi
said=$({" ".join(map(quote, words))} 2>&1 </dev/null) || {{
  echo "certbot got no certificate for {" ".join(certificate.names)}:" >&2
  printf '%s\\n' "$said" | tail -n 20 >&2
  exit 1
}}"""


def stop_renewal(app: str, snapshot_context: SnapshotContext) -> str:
    """Return the shell after which an application's certificate is renewed no more."""
    file = quote(renewal(called(app)))
    return f"{_keep(app, snapshot_context)}\nmv -f {file} {file}{ASIDE}"


def _keep(app: str, snapshot_context: SnapshotContext) -> str:
    # A certificate that was got stays: what is taken back is how it is renewed.
    file = renewal(called(app))
    return snapshot_context.keep(app, [file, f"{file}{ASIDE}"])
