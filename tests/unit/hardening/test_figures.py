"""The figures are what the auditors say, and of one that broke off there are none."""

from __future__ import annotations

import pytest

from tests.hardening.figures import Figures, figures, version

REPORT = """\
lynis_version=3.0.8
suggestion[]=SSH-7408|Consider hardening SSH configuration|X11Forwarding (set YES to NO)|-|
suggestion[]=SSH-7408|Consider hardening SSH configuration|Port (set 22 to )|-|
suggestion[]=BANN-7126|Add a legal banner to /etc/issue|-|-|
hardening_index=61
"""
LINES = """\
(gen) banner: SSH-2.0-OpenSSH_9.2p1
(kex) curve25519-sha256       -- [info] available since OpenSSH 7.4
(kex) ecdh-sha2-nistp256      -- [fail] using weak elliptic curves
                              `- [info] available since OpenSSH 5.7
(key) ecdsa-sha2-nistp256     -- [fail] using weak elliptic curves
                              `- [warn] using weak random number generator
(mac) umac-64@openssh.com     -- [warn] using encrypt-and-MAC mode
                              `- [warn] using small 64-bit tag size
"""


def test_figures__are_what_the_auditors_say() -> None:
    assert version(REPORT) == "3.0.8"
    assert figures(REPORT, LINES) == Figures(
        61,
        ("SSH-7408", "SSH-7408", "BANN-7126"),
        {"ecdh-sha2-nistp256": 1, "ecdsa-sha2-nistp256": 1},
        {"ecdsa-sha2-nistp256": 1, "umac-64@openssh.com": 2},
    )
    assert figures(REPORT, LINES).as_json()["suggestions"] == ["SSH-7408", "SSH-7408", "BANN-7126"]


@pytest.mark.parametrize(
    ("report", "lines"),
    [
        ("", LINES),
        (REPORT, ""),
        (REPORT, "(gen) banner: SSH-2.0-OpenSSH_9.2p1\n"),
        (REPORT * 2, ""),
    ],
)
def test_figures__of_an_auditor_that_broke_off_there_are_none(report: str, lines: str) -> None:
    with pytest.raises(ValueError, match="did not come to its end"):
        figures(report, lines)
    with pytest.raises(ValueError, match="names no version"):
        version("")
