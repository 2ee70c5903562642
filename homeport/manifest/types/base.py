"""The base of all parts of an application file."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ConfigModel(BaseModel):
    """A mapping with known keys. The docstring of a field is its documentation everywhere.

    ``schema`` reads it on demand: pydantic's own ``use_attribute_docstrings`` reads
    the sources at every start.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        # A key keeps its own name where an attribute can't have it.
        serialize_by_alias=True,
        # Values may be secret, or huge: they never go into a message by themselves.
        hide_input_in_errors=True,
    )
