"""The facts of a host are asked of the tools that decide, and believed whole or not at all."""

from __future__ import annotations

import pytest

from homeport.engine.kind import ProbeError, ProbeOutput
from homeport.operations.platform import probe
from tests.support.fake_programs import Programs
from tests.support.host_facts import PI
from tests.support.real_shell import run


def read(text: str) -> dict[str, list[str]]:
    return probe.parse(ProbeOutput(text, ""))


@pytest.mark.parametrize("text", ["", "user 0", "architecture arm64\ndebian debian 12\nuser 0"])
def test_platform__a_host_that_does_not_say_all_of_it_is_not_believed(text: str) -> None:
    with pytest.raises(ProbeError, match=r"does not say its .*systemd"):
        read(text)


def test_platform__the_probe_asks_dpkg_and_not_the_kernel(programs: Programs) -> None:
    path = programs(
        dpkg="echo armhf",
        uname="echo aarch64",
        systemctl="echo 'systemd 252 (252.39-1~deb12u1)'; echo '+PAM +AUDIT'",
        id="echo 1000",
    )
    done = run(f"set -eu\n{probe.probe(PI, '')}", path=path)
    assert (done.returncode, done.stderr) == (0, b"")
    found = read(done.stdout.decode())
    assert found["architecture"] == ["armhf"]
    assert found["systemd"] == ["252"]
    assert found["user"] == ["1000"]
    assert found["debian"][0] == "debian"
