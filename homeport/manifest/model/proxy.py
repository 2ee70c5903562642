"""The proxy before the application: which requests nginx takes for it, and how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Self, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator

from homeport.manifest.types.base import ConfigModel
from homeport.manifest.types.host_name import ServerName
from homeport.manifest.types.issues import Issue, KeyPath, quoted, refuse_all
from homeport.manifest.types.one_of import form, one_of
from homeport.manifest.types.pattern import TextPattern
from homeport.manifest.types.text import AnyLine, Flag, Name, Seconds, Text, Whole, distinct
from homeport.manifest.types.url import IndexUrl

PLAIN_PORT = 80
"""Where browsers look first, and a certificate authority looks at all."""

FRAMING = {"connection", "content-length", "content-encoding", "date", "server"}
FRAMING |= {"transfer-encoding", "upgrade"}
"""Headers that the sender of a response makes itself."""

HostPath = Annotated[
    Text,
    TextPattern(
        "(?:/[A-Za-z0-9@+_-][A-Za-z0-9.@+_-]*)+",
        "is not the path of a file on the host",
        "write it in full, such as /etc/ssl/private/example.key, of letters, digits and .@+_-",
    ),
]
BodySize = Annotated[
    Text,
    TextPattern("[1-9][0-9]{0,5}[KMG]", "is not a size", "write a whole number and K, M or G: 1M"),
]
Email = Annotated[
    Text,
    TextPattern(
        "[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\\.[A-Za-z0-9-]{1,63}){1,8}",
        "is not an address for mail",
        "write one such as you@example.org",
    ),
]
HeaderName = Annotated[
    Text,
    TextPattern(
        "[A-Za-z][A-Za-z0-9-]{0,63}", "is not the name of a header", "use letters, digits and -"
    ),
]
HeaderValue = Annotated[
    AnyLine,
    TextPattern(
        "[ -#%-~]{0,4000}",
        "is not the value of a header",
        "use ASCII characters other than $, which nginx takes for a variable",
    ),
]


class CertificateFiles(ConfigModel):
    """A certificate that is renewed by other means, as files on the host."""

    certificate: HostPath
    """File on the host with the certificate, followed by its intermediate certificates."""
    key: HostPath
    """File on the host with the certificate's key, which only root may read."""


class AcmeAccount(ConfigModel):
    """The account at a certificate authority."""

    email: Email
    """Address to which the authority writes."""
    directory_url: IndexUrl | None = None
    """URL of another certificate authority than Let's Encrypt, for its ACME directory."""


class FromAuthority(ConfigModel):
    """A certificate that certbot gets and renews."""

    acme: AcmeAccount
    """Get the certificate by ACME, and have it renewed."""


FORMS = "write {certificate: PATH, key: PATH} or {acme: {email: ADDRESS}}"
Tls: TypeAlias = Annotated[
    Annotated[CertificateFiles, Tag("certificate")] | Annotated[FromAuthority, Tag("acme")],
    Discriminator(form),
    BeforeValidator(one_of("certificate", "acme", fix=FORMS)),
]


class Proxy(ConfigModel):
    """The nginx before one process of the application."""

    process: Name
    """Process that gets the requests; it must listen on a socket."""
    server_names: Annotated[
        tuple[ServerName, ...],
        Field(json_schema_extra={"uniqueItems": True}),
        AfterValidator(distinct),
    ] = ()
    """Host names that it answers to; without any, all that no other server of nginx answers to."""
    port: Annotated[Whole, Field(ge=1, le=65535)] | None = None
    """Port it listens on; without it 80, or 443 with tls."""
    tls: Tls | None = None
    """Speak HTTPS, with a certificate on the host or one from an authority."""
    max_body_size: BodySize = "1M"
    """Size that the body of a request may have at most; a larger one is answered with 413."""
    response_timeout: Seconds = 60
    """Seconds that the application may take from one part of an answer to the next."""
    retry_non_idempotent: Flag = False
    """Retry also a POST when a process dies; for applications that detect repeated requests."""
    expose_health_paths: Flag = False
    """Answer the paths of health to clients other than the host; without it they get 404."""
    response_headers: Mapping[HeaderName, HeaderValue] = Field(default_factory=dict)
    """Headers of answers, beside the usual ones or in place of one; an empty one is left out."""

    @property
    def opens(self) -> int:
        """The port on which nginx serves the application."""
        return self.port or (443 if self.tls else PLAIN_PORT)

    @property
    def ports(self) -> tuple[int, ...]:
        """All ports that nginx listens on for it."""
        return (self.opens, PLAIN_PORT) if self.tls else (self.opens,)

    @property
    def scheme(self) -> str:
        """The scheme in which clients ask for the application."""
        return "https" if self.tls else "http"

    @property
    def host(self) -> str | None:
        """The first name that clients ask it by, or one below it; None if it has no name."""
        return self.server_names[0].replace("*", "homeport") if self.server_names else None

    @property
    def account(self) -> AcmeAccount | None:
        """The account that asks for the certificate, None if it is in files."""
        return self.tls.acme if isinstance(self.tls, FromAuthority) else None

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if found := list(self._disagreements()):
            raise refuse_all(found)
        return self

    def _disagreements(self) -> Iterator[Issue]:
        if self.tls is not None and self.port == PLAIN_PORT:
            what = "with tls, port 80 serves the redirect to HTTPS"
            yield Issue(what, "remove port, or write another", (("port",), ("tls",)))
        if self.account is not None and not self.server_names:
            what = "a certificate needs names"
            yield Issue(what, "write the host's names below proxy.server_names", (("tls", "acme"),))
        for at, name in enumerate(self.server_names if self.account else ()):
            if name.startswith("*"):
                what = f"{quoted(name)} can't be proven to the authority by a web server"
                fix = "write each name out, or name a certificate by its path"
                yield Issue(what, fix, (("server_names", at), ("tls", "acme")))
        yield from self._headers()

    def _headers(self) -> Iterator[Issue]:
        first: dict[str, str] = {}
        for name in self.response_headers:
            other = first.setdefault(name.lower(), name)
            if other != name:
                keys: tuple[KeyPath, ...] = (
                    ("response_headers", name),
                    ("response_headers", other),
                )
                yield Issue(f"{other} is the same header", "keep one of the two", keys)
            if name.lower() in FRAMING:
                what = f"{name} is set by nginx"
                yield Issue(what, "remove it", (("response_headers", name),))
