"""What tests of several modules share: app refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeport.errors import UserError
from homeport.manifest import load


def refused(path: Path) -> UserError:
    with pytest.raises(UserError) as caught:
        load(path)
    return caught.value
