"""A host program that is killed between any two things that it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from homeport.hostctl.system import atomic_files
from tests.support.shop_host import Shop


class Killed(BaseException):
    """Nothing that we would still do is done."""


class Steps:
    """Counts what is done to a host, and is killed before one step of it.

    A step is a program that is run, or anything that reaches the disk: so each line of the journal
    is at least two. ``named`` says what each of them was.
    """

    def __init__(self, at: int | None = None) -> None:
        self.at, self.named = at, list[str]()

    def step(self, label: str) -> None:
        """Do one."""
        self.named.append(label)
        if len(self.named) == self.at:
            raise Killed(label)


@contextmanager
def stepping(shop: Shop, at: int | None = None) -> Iterator[Steps]:
    """Have all that is done to a host be counted, and killed before that step."""
    steps = Steps(at)
    renamed, put = atomic_files.replace, atomic_files.write_fd

    def rename(path: Path, to: Path) -> None:
        steps.step(f"rename {to}")
        renamed(path, to)

    def written(opened: int, content: Any) -> int:
        steps.step("write")
        return put(opened, content)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(atomic_files, "replace", rename)
        patch.setattr(atomic_files, "write_fd", written)
        patch.setattr(shop.systemd, "step", steps.step)
        yield steps


def points(shop: Shop, folder: Path, work: Callable[[Shop], object]) -> list[str]:
    """Return the names of all steps of some work."""
    trial = shop.copied(folder)
    with stepping(trial) as steps:
        work(trial)
    return steps.named


def killed(shop: Shop, folder: Path, work: Callable[[Shop], object], at: int) -> Shop:
    """Return the same host, where the work was begun and killed before that step."""
    trial = shop.copied(folder)
    with stepping(trial, at), pytest.raises(Killed):
        work(trial)
    return trial
