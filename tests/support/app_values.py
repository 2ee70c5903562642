"""What tests of several modules share: app values."""

from __future__ import annotations

SOCKET = {"command": "serve --bind unix:{socket}", "listen": "socket"}
