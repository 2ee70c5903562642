"""What a site says of itself."""

from __future__ import annotations

from homeport.engine.kind import DesiredState
from homeport.operations.proxy.resources import CLAIM, Site, entries

SITE = Site(
    "/etc/nginx/conf.d/homeport-shop.conf",
    f"{CLAIM}shop.example on 80.\nserver {{\n}}\n{CLAIM}b.example on 80.\n",
    "aaaa",
    "http://shop.example:80/.homeport/proxy",
)


def test_site_claims_what_its_text_says_that_it_answers_to() -> None:
    assert SITE.claims == [f"{CLAIM}shop.example on 80.", f"{CLAIM}b.example on 80."]


def test_site_is_a_file_and_its_text_is_never_shown() -> None:
    (file,) = entries(DesiredState("shop", (SITE,)))
    assert (file.path, file.content) == (SITE.path, SITE.text.encode())
    assert "server {" not in repr(SITE)
