"""What tools.docgen.sections promises."""

from __future__ import annotations

from dataclasses import dataclass, field

from homeport.engine.kind import DesiredState
from homeport.files.entries import Absent, Directory, File, Link
from tools.docgen.sections import sections


@dataclass(frozen=True)
class LoginBanner:
    """A resource of which the page knows nothing."""

    path: str
    lines: tuple[str, ...] = ()
    level: int = 3
    password: str = "hunter2"
    body: bytes = b"hunter2"
    note: str = field(default="hunter2", repr=False)
    script: str = "first\nhunter2"


def test_sections__a_kind_that_the_page_does_not_know_has_a_section_of_its_own() -> None:
    banners = (LoginBanner("/etc/issue", ("a", "b|c")), LoginBanner("/etc/issue.net"))
    text = sections(DesiredState("shop", (*banners, "a word")))
    assert "### Login banner\n\n| path | lines | level |\n" in text
    assert "| `/etc/issue` | `a, b\\|c` | `3` |" in text
    assert "| `/etc/issue.net` |  | `3` |" in text
    assert "| `a word` |" in text
    assert "hunter2" not in text


def test_sections__each_entry_says_what_it_is() -> None:
    entries = (Link("/b", "/a"), Absent("/c"), Directory("/a", "700"), File("/d", b"x"))
    assert sections(DesiredState("shop", entries)).splitlines()[4:] == [
        "| `/a` | directory | 700 | root:root |",
        "| `/b` | link to `/a` |  |  |",
        "| `/c` | nothing |  |  |",
        "| `/d` | file | 644 | root:root |",
    ]


def test_sections__a_host_of_which_nothing_is_described_has_no_sections() -> None:
    assert sections(DesiredState("shop", ())) == ""
