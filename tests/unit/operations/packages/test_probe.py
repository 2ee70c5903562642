"""The probe of packages, with the host's own programs and with others in their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.engine.kind import DesiredState, ProbeError, ProbeOutput
from homeport.operations.packages.probe import PackagesState, parse, probe
from homeport.operations.packages.resources import Package
from homeport.operations.users import probe as users
from homeport.operations.users.resources import ServiceUser
from tests.support.fake_programs import Programs
from tests.support.real_shell import checked, run

POLICY = """\
awk:
  Installed: (none)
  Candidate: (none)
  Version table:
curl:
  Installed: (none)
  Candidate: 7.88.1-10
  Version table:
     7.88.1-10 500
        500 http://deb.debian.org/debian bookworm/main amd64 Packages
"""
PROVIDED = """\
Package: awk
Versions: 

Reverse Depends: 
  base-files,awk
Dependencies: 
Provides: 
Reverse Provides: 
mawk 1.3.4 (= )
gawk 1:5.2.1-2 (= )
gawk 1:5.2.1-1 (= )
Package: curl
Versions: 
7.88.1-10 (/var/lib/apt/lists/x)

Reverse Depends: 
Dependencies: 
7.88.1-10 - libc6 (2 2.34)
Provides: 
7.88.1-10 - 
Reverse Provides: 
curl-minimal 8 (= )
"""  # noqa: W291 - so apt-cache prints it
APT = (
    f"case $* in *policy*) cat <<'END'\n{POLICY}END\n"
    f";; *showpkg*) cat <<'END'\n{PROVIDED}END\n;; esac"
)


def probed(path: str, *names: str) -> PackagesState:
    description = DesiredState("shop", tuple(map(Package, names)))
    done = run(f"set -eu\n{probe(description, '')}", path=path)
    assert (done.returncode, done.stderr) == (0, b"")
    return parse(ProbeOutput(done.stdout.decode().rstrip("\n"), ""))


@pytest.mark.parametrize(
    ("status", "there"),
    [
        ("installed curl", True),
        ("config-files curl", False),
        ("half-installed curl", False),
        ("unpacked curl", False),
        ("not-installed curl", False),
        ("installed curl-dev", False),
    ],
)
def test_packages__only_a_package_that_is_installed_whole_counts(
    status: str, there: bool, programs: Programs
) -> None:
    path = programs(dpkg_query=f"echo '{status}'", apt_cache="")
    assert ("curl" in probed(path, "curl").installed) is there


def test_packages__what_is_installed_is_found_and_what_is_not_is_not() -> None:
    wanted = ("dpkg", "no-such-package-1", "base-files", "no-such-package-2")
    description = DesiredState("shop", tuple(Package(name) for name in wanted))
    found = parse(ProbeOutput(checked(probe(description, "")).rstrip("\n"), ""))
    assert found == PackagesState(frozenset({"dpkg", "base-files"}), {})


def test_packages__what_a_virtual_package_is_provided_by_is_found_and_nothing_is_written(
    programs: Programs, log: Path
) -> None:
    path = programs(dpkg_query="exit 1", apt_cache=APT)
    found = probed(path, "awk", "curl", "unknown")
    assert found == PackagesState(frozenset(), {"awk": ("mawk", "gawk")})
    calls = [line for line in log.read_text().splitlines() if line.startswith("apt-cache")]
    assert len(calls) == 2
    assert all("Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=" in call for call in calls)


def test_packages__apt_is_asked_for_nothing_where_all_is_installed(programs: Programs) -> None:
    path = programs(dpkg_query="echo 'installed curl'", apt_cache="echo 'not asked'; exit 1")
    assert probed(path, "curl") == PackagesState(frozenset({"curl"}), {})


def test_package_database_that_is_broken_is_not_an_empty_one(programs: Programs) -> None:
    description = DesiredState("shop", (Package("curl"), ServiceUser("shop", "/x")))
    path = programs(dpkg_query="exit 2", getent="exit 1")
    for script in (probe(description, ""), users.probe(description, "")):
        assert run(f"set -eu\n{script}", path=path).returncode != 0


@pytest.mark.parametrize("line", ["", "curl", "half curl", "installed", "installed curl 1", "x y"])
def test_packages__a_line_that_is_not_understood_is_an_error(line: str) -> None:
    with pytest.raises(ProbeError, match="is not understood"):
        parse(ProbeOutput(f"installed dpkg\n{line}\ninstalled curl", ""))
