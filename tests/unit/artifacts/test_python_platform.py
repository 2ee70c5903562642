"""What runs on which host."""

from __future__ import annotations

import pytest
from packaging.markers import Marker, default_environment
from packaging.tags import parse_tag

from homeport.artifacts import PythonPlatform
from homeport.errors import UserError

PI = PythonPlatform("arm64", "3.11", "12")


def test_target__a_pi_takes_wheels_for_every_glibc_up_to_its_own() -> None:
    assert PI.platforms[0] == "manylinux_2_36_aarch64"
    assert PI.platforms[-2:] == ("manylinux_2_17_aarch64", "manylinux2014_aarch64")
    assert "manylinux_2_39_aarch64" not in PI.platforms
    assert "manylinux_2_39_aarch64" in PythonPlatform("arm64", "3.13", "13").platforms


def test_target__a_laptop_still_takes_the_oldest_wheels_there_are() -> None:
    assert PythonPlatform("amd64", "3.11", "12").platforms[-1] == "manylinux1_x86_64"


@pytest.mark.parametrize(
    "tag",
    [
        "cp311-cp311-manylinux_2_17_aarch64",
        "cp39-abi3-manylinux2014_aarch64",
        "py3-none-any",
        "py3-none-manylinux_2_28_aarch64",
    ],
)
def test_target__wheels_that_run_on_a_pi_are_taken(tag: str) -> None:
    assert parse_tag(tag) & set(PI.tags)


@pytest.mark.parametrize(
    "tag",
    [
        "cp312-cp312-manylinux_2_17_aarch64",
        "cp312-abi3-manylinux_2_17_aarch64",
        "cp311-cp311-manylinux_2_17_x86_64",
        "cp311-cp311-musllinux_1_2_aarch64",
        "cp311-cp311-linux_armv7l",
    ],
)
def test_target__wheels_that_would_not_run_on_a_pi_are_not_taken(tag: str) -> None:
    assert not parse_tag(tag) & set(PI.tags)


def test_target__markers_are_answered_for_the_host_and_not_for_the_controller() -> None:
    assert set(PI.environment) == set(default_environment())
    assert Marker('platform_machine == "aarch64"').evaluate(PI.environment)
    assert not Marker('sys_platform == "win32"').evaluate(PI.environment)


def test_target__a_marker_on_the_patch_version_is_answered_for_debians_own_python() -> None:
    marker = Marker('python_full_version < "3.11.3"')
    assert marker.evaluate(PI.environment)
    assert not marker.evaluate(PythonPlatform("arm64", "3.13", "13").environment)


def test_target__a_32_bit_system_is_refused_in_a_sentence() -> None:
    with pytest.raises(UserError, match="armhf: 32-bit systems aren't supported"):
        PythonPlatform("armhf", "3.11", "12")


@pytest.mark.parametrize(
    ("architecture", "python", "debian"),
    [
        ("riscv64", "3.11", "12"),
        ("arm64", "3.11", "11"),
        ("arm64", "3.11.2", "12"),
        ("arm64", "2.7", "12"),
    ],
)
def test_target__what_is_not_supported_is_refused(
    architecture: str, python: str, debian: str
) -> None:
    with pytest.raises(UserError):
        PythonPlatform(architecture, python, debian)


def test_target__a_machine_that_was_looked_at_has_its_own_glibc_and_patch() -> None:
    found = PythonPlatform("amd64", "3.12", libc=(2, 39), patch="3.12.3")
    assert found.platforms[0] == "manylinux_2_39_x86_64"
    assert found.python_full_version == "3.12.3"
    assert str(found) == "glibc 2.39, amd64, Python 3.12"
    assert Marker('python_full_version == "3.12.3"').evaluate(found.environment)


def test_target__what_decides_on_wheels_is_told_apart() -> None:
    here = PythonPlatform("amd64", "3.11", libc=(2, 36))
    assert {here.system, PythonPlatform("amd64", "3.11", "12").system} == {"glibc2.36", "debian12"}
