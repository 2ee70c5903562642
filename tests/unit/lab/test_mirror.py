"""What lab.mirror promises."""

import pytest

from homeport.errors import UserError
from lab.mirror import settings, sources

TARGETS = """\
https://packages.example/tool stable  main
http://mirror.example/debian/ bookworm bookworm main
http://mirror.example/debian/ bookworm bookworm contrib
http://mirror.example/debian/ bookworm-updates bookworm-updates main
http://mirror.example/security/ bookworm-security bookworm-security main
"""


def test_mirror__the_controllers_archive_serves_any_release() -> None:
    assert sources(TARGETS, "13") == [
        "deb http://mirror.example/debian trixie main",
        "deb http://mirror.example/debian trixie-updates main",
        "deb http://mirror.example/security trixie-security main",
    ]


def test_mirror__a_suite_that_the_controller_lacks_is_left_out() -> None:
    assert sources("http://m.example/debian/ stable bookworm main\n", "12") == [
        "deb http://m.example/debian bookworm main"
    ]


def test_mirror__a_controller_without_a_debian_archive_is_an_error() -> None:
    with pytest.raises(UserError, match="sources"):
        sources("https://m.example/ubuntu jammy jammy main\n", "12")


def test_mirror__only_settings_that_mean_something_elsewhere_are_taken() -> None:
    expected = ['Acquire::Check-Date "false";', 'Acquire::http::Proxy "http://proxy.example:3128";']
    dropped = [
        'Acquire::http::Proxy "http://127.0.0.1:3142";',
        'Acquire::https::SslCert "/etc/ssl/own.pem";',
        'Acquire::IndexTargets::deb::Packages::Optional "0";',
        'Acquire::Retries "";',
        'APT::Architecture "amd64";',
    ]
    assert settings("\n".join([*expected, *dropped])) == expected
