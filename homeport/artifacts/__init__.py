"""The builds of the controller, once per run: artifacts, locks, wheels and uv."""

from homeport.artifacts.artifact import Artifact, build_artifact, package_artifact
from homeport.artifacts.cache import cache_root
from homeport.artifacts.git import git_descends, git_hooks, git_tree
from homeport.artifacts.lock import Lock, Pinned, lock_text, read_lock
from homeport.artifacts.modules import source_modules, top_level_modules
from homeport.artifacts.python_platform import PythonPlatform
from homeport.artifacts.uv import uv_binary, uv_version
from homeport.artifacts.wheel_contents import (
    WheelContents,
    contents_of,
    is_made,
    record_rows,
    site_packages,
)
from homeport.artifacts.wheels import Wheel, wheels_for

__all__ = [
    "Artifact",
    "Lock",
    "Pinned",
    "PythonPlatform",
    "Wheel",
    "WheelContents",
    "build_artifact",
    "cache_root",
    "contents_of",
    "git_descends",
    "git_hooks",
    "git_tree",
    "is_made",
    "lock_text",
    "package_artifact",
    "read_lock",
    "record_rows",
    "site_packages",
    "source_modules",
    "top_level_modules",
    "uv_binary",
    "uv_version",
    "wheels_for",
]
