"""The two slots in which processes run by turns: one serves, the other waits for a release."""

from __future__ import annotations

SLOTS = ("a", "b")
