"""The deploys that this process has asked hosts to begin."""

from __future__ import annotations

BEGUN: set[str] = set()
"""Their ids: what is at work on a host under one of them is no other's."""
