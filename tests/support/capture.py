"""What tests of several modules share: capture."""

from __future__ import annotations

import pytest

Capture = pytest.CaptureFixture[str]
