"""A project with a valid application file."""

from tests.support.app_file import project, read

__all__ = ["project", "read"]
