"""What a deploy imports before it switches anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from homeport.artifacts import Pinned, source_modules, top_level_modules
from homeport.artifacts.modules import modules_among
from homeport.errors import UserError


def _grow(root: Path, *files: str) -> Path:
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).touch()
    return root


@pytest.mark.parametrize(
    ("files", "modules"),
    [
        (["flask/__init__.py", "flask/app.py", "flask-3.dist-info/RECORD"], ("flask",)),
        (["six.py", "six-1.dist-info/METADATA"], ("six",)),
        (["_yaml/__init__.py", "yaml/__init__.py"], ("_yaml", "yaml")),
        (["_cffi_backend.cpython-311-aarch64-linux-gnu.so"], ("_cffi_backend",)),
        (["fast/__init__.cpython-311-x86_64-linux-gnu.so"], ("fast",)),
        (["_one.abi3.so"], ("_one",)),
        (["zope/interface/__init__.py", "zope/event.txt"], ("zope.interface",)),
        (["google/cloud/storage/__init__.py"], ("google.cloud.storage",)),
        (["scripts/run.py", "numpy.libs/libgfortran.so", "share/data.json"], ()),
        (["pip/__init__.py", "_distutils_hack/__init__.py"], ("_distutils_hack",)),
        (["tests/__init__.py", "docs/conf.py", "setup.py", "__pycache__/x.py"], ()),
        (["types-six/__init__.py", "class.py", "libx.so", "hook.pth"], ()),
    ],
)
def test_modules__only_what_can_be_imported_is_named(
    files: list[str], modules: tuple[str, ...]
) -> None:
    assert modules_among(files) == modules


def test_modules_in_a_wheels_data_directory_count(
    make_wheel: Callable[..., Pinned], index: Path
) -> None:
    make_wheel("odd", files={"odd-1.0.data/purelib/odd/__init__.py": "", "more.py": ""})
    assert top_level_modules(index / "odd-1.0-py3-none-any.whl") == ("more", "odd")


def test_modules__a_file_that_is_no_wheel_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x-1-py3-none-any.whl").write_text("Not found")
    with pytest.raises(UserError, match="not a wheel"):
        top_level_modules(tmp_path / "x-1-py3-none-any.whl")


def test_modules__an_applications_modules_come_from_its_root_and_from_src(tmp_path: Path) -> None:
    root = _grow(
        tmp_path,
        *("wsgi.py", "setup.py", "conftest.py", "test_wsgi.py", "gunicorn.conf.py"),
        *("shop/__init__.py", "tests/__init__.py", "scripts/seed.py", "static/site.css"),
        *("src/stock/__init__.py", "src/acme/billing/__init__.py", ".venv/lib/evil.py"),
    )
    assert source_modules(root) == ("acme.billing", "shop", "stock", "wsgi")


def test_modules__a_package_called_src_is_a_package(tmp_path: Path) -> None:
    root = _grow(tmp_path, "src/__init__.py", "src/models.py")
    assert source_modules(root) == ("src",)
