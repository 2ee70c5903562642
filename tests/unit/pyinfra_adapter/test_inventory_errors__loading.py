"""What pyinfra_adapter.inventory_errors promises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyinfra.api.inventory import Inventory

from homeport.errors import UserError
from homeport.pyinfra_adapter.inventory_errors import blame, load


def raising(error: Exception) -> Callable[..., Inventory]:
    def make(*_: object, **__: object) -> Inventory:
        raise error

    return make


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (UserError("x", fix="y", file="z"), "z: x. Fix: y."),
        (SyntaxError("bad", ("f.py", 3, 1, "x")), "f.py:3: this is not Python: bad. Fix: corr"),
        (IsADirectoryError(21, "Is a directory"), "hosts.py: it can't be read (Is a directory)."),
        (TypeError("int\nis not"), "hosts.py: pyinfra can't make hosts of it (TypeError: int is n"),
    ],
)
def test_inventory_errors__what_pyinfra_raises_is_one_line_with_its_file(
    error: Exception, message: str
) -> None:
    assert str(blame(error, Path("hosts.py"))).startswith(message)
    with pytest.raises(UserError):
        load(raising(error), "a,b")


def test_inventory_errors__the_line_is_the_last_one_of_the_users_file(tmp_path: Path) -> None:
    def exec_file(filename: str) -> None:
        exec(compile(Path(filename).read_text(), filename, "exec"), {})  # noqa: S102 - as pyinfra

    path = tmp_path / "pi.py"
    path.write_text("def f():\n  import json\n  json.loads('{')\n\n\nf()\n")
    with pytest.raises(ValueError) as caught:
        exec_file(str(path))
    output = str(blame(caught.value, Path("hosts.py")))
    assert output.startswith(f"{path}:3: it raises JSONDecodeError: Expecting property name")
