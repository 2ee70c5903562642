"""Where a venv is made, and by what."""

from __future__ import annotations

from dataclasses import replace

from homeport.artifacts import uv_version
from homeport.hostctl.protocol import CACHE
from homeport.operations.venvs.resources import Venv, uv_path
from tests.support.sample_app import LOCK, TARGET

VENV = Venv("/srv/shop/venvs/x", LOCK, TARGET)


def test_venv_is_made_with_debians_python_unless_another_is_named() -> None:
    assert VENV.interpreter == f"/usr/bin/python{TARGET.python}"
    assert replace(VENV, python="/opt/python").interpreter == "/opt/python"


def test_venv_shares_its_wheels_with_all_of_the_host_unless_it_has_a_store() -> None:
    assert VENV.cache == CACHE
    assert replace(VENV, store="/home/ann/.cache").cache == "/home/ann/.cache"


def test_uv_of_another_version_lies_beside() -> None:
    assert uv_path("/cache") == f"/cache/uv/{uv_version()}/uv"
