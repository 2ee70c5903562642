"""An application that is described."""

from tests.support.described_app import project

__all__ = ["project"]
