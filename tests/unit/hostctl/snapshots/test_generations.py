"""What hostctl.snapshots.generations promises."""

from __future__ import annotations

import json

from homeport.hostctl.snapshots import generations
from tests.support.rolled_back_shop import gid, newer
from tests.support.shop_host import Shop
from tests.support.shop_versions import APP, OLD

__all__ = ["newer"]


def test_generation_that_another_version_of_the_program_kept_is_understood(newer: Shop) -> None:
    meta = generations.folder(newer.place, gid(newer, "v1")) / "meta"
    meta.write_text(json.dumps({**json.loads(meta.read_text()), "later": True}))
    assert newer.back() == 0


def test_generation_that_cannot_be_read_is_kept_anew(newer: Shop) -> None:
    meta = generations.folder(newer.place, gid(newer, "v1")) / "meta"
    meta.write_text("{")
    assert newer.run("rollback", APP) == 3
    assert newer.deploy(OLD) == 0
    newer.settle()
    newer.whole(OLD)
    assert {each.release[-2:] for each in generations.kept(newer.place)} == {"v1", "v2"}
