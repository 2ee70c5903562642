"""rsync goes over the login that is there, as root where that is asked for."""

from __future__ import annotations

import pytest

from homeport.openssh import rsync


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({}, []),
        ({"_sudo": True}, ["--rsync-path=sudo -n rsync"]),
        ({"_sudo": True, "_sudo_user": "a b"}, ["--rsync-path=sudo -n -u 'a b' rsync"]),
    ],
)
def test_rsync__it_is_given_the_client_as_one_word(
    arguments: dict[str, object], path: list[str]
) -> None:
    words = rsync.command(["ssh", "-S", "a b"], "from/", "shed:/to", ["-a"], arguments)
    assert words == ["rsync", "-a", "--rsh=ssh -S 'a b'", *path, "from/", "shed:/to"]


def test_rsync__its_output_and_its_end_come_back() -> None:
    done, output = rsync.run(["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert (done, output.stdout, output.stderr) == (False, "out", "err")
    assert rsync.run(["true"])[0]
