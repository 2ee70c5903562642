"""A place where venvs are built for real."""

from tests.support.venv_host import host

__all__ = ["host"]
