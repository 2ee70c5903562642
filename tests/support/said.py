"""What tests of several modules share: said."""

from __future__ import annotations

import pytest

Said = pytest.CaptureFixture[str]
