"""What a process was started with, so that one can tell from outside if it should start anew."""

import hashlib
import os
from importlib import metadata
from pathlib import Path

from job import VERSION


def started_with() -> dict[str, str]:
    """Return the version of the code, that of a package, and a digest of all configuration."""
    folder = Path(os.environ["CONFIGURATION_DIRECTORY"])
    parts = hashlib.sha256()
    for file in sorted(folder.glob("part-*.conf")):
        parts.update(file.read_bytes())
    return {
        "version": VERSION,
        "click": metadata.version("click"),
        "parts": parts.hexdigest(),
        "title": os.environ["JOB_TITLE"],
    }
