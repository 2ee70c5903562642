"""What hostctl.verbs.app_context promises."""

from __future__ import annotations

import os

from homeport.hostctl.verbs.app_context import speak


def test_app_context__work_goes_on_when_nobody_listens_any_more() -> None:
    read, write = os.pipe()
    os.close(read)
    with open(write, "w") as gone:  # noqa: PTH123 - it has no path
        speak("the first line", gone)
        speak("the second line", gone)
