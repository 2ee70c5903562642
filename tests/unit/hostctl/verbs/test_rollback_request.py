"""A rollback is asked for by words, and what is no such word is usage."""

from __future__ import annotations

import pytest

from homeport.hostctl.system.exit_codes import Usage
from homeport.hostctl.verbs.rollback_request import RollbackRequest
from tests.support.rolled_back_shop import newer
from tests.support.shop_versions import APP, Version

__all__ = ["newer"]


THIRD = Version("v3", "brisk")


@pytest.mark.parametrize("words", [[], ["a", "b", "c"], [APP, "--deploy-id"], [APP, "--what"]])
def test_rollback_that_is_not_understood_is_usage(words: list[str]) -> None:
    with pytest.raises(Usage):
        RollbackRequest.of(words)
