"""What artifacts.requirements_file promises."""

from __future__ import annotations

import pytest

from homeport.errors import UserError
from tests.support.lock_file import A, Read, read

__all__ = ["read"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (f"flask>=3 --hash=sha256:{A}", "flask is not pinned to one version"),
        (f"flask==3.* --hash=sha256:{A}", "flask is not pinned to one version"),
        (f"flask --hash=sha256:{A}", "flask is not pinned to one version"),
        ("flask==3.0", "flask has no --hash"),
        ("flask==3.0 --hash=md5:abc", "flask has a hash that isn't SHA-256"),
        (f"flask==3.0 --hash=sha256:{A} --config-settings=x", "flask has --config-settings"),
        ("-e .", ". is an editable package, which can't be locked"),
        ("-e ./packages/shared", "./packages/shared is an editable package"),
        ("-e git+https://user:secret@x", "this is an editable package, which can't be locked"),
        (
            "--editable=shared",
            "shared is an editable package, which can't be locked. Fix: ship its",
        ),
        ("./vendored", "./vendored is a directory"),
        ("https://user:secret@example.org/x.whl", "a URL can't be locked"),
        ("flask @ https://user:secret@example.org/x.whl", "flask comes from a URL"),
        ("-r base.txt", "-r is not followed"),
        ("--index-url https://user:secret@example.org", "--index-url is not allowed in a lock"),
        ("--pre", "--pre is not known in a lock"),
        ("not a requirement", "is not name==version"),
    ],
)
def test_requirements_file__a_line_that_pins_nothing_is_named_with_its_number(
    read: Read, line: str, says: str
) -> None:
    with pytest.raises(UserError, match=r"requirements\.txt:3: ") as raised:
        read(f"# the lock\nsix==1.17.0 --hash=sha256:{A}\n{line}\n")
    assert says in str(raised.value)
    assert "Fix: " in str(raised.value)
    assert "secret" not in str(raised.value)


def test_requirements_file__an_index_in_the_lock_is_sent_to_app_yml(read: Read) -> None:
    with pytest.raises(UserError, match=r"set index: in app\.yml"):
        read("--extra-index-url=https://example.org/simple")


def test_requirements_file__a_package_that_is_there_twice_is_named_with_both_lines(
    read: Read,
) -> None:
    with pytest.raises(UserError, match=r":2: numpy is there twice .*: 2 and 1 \(line 1\)"):
        read(f"numpy==1 --hash=sha256:{A}\nNumPy==2 --hash=sha256:{A}\n")
