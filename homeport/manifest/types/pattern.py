"""The shape of a text: one pattern that checks it and stands in the schema."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from homeport.manifest.types.issues import quoted, refuse


@dataclass(frozen=True)
class TextPattern:
    """The pattern of a text, and the error of one that doesn't match."""

    pattern: str
    what: str
    fix: str

    def check(self, text: str) -> str:
        """Return the text. Raises ``ValueError`` if it doesn't match the pattern."""
        if not re.fullmatch(self.pattern, text):
            raise refuse(f"{quoted(text)} {self.what}", self.fix)
        return text

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(schema) | {"pattern": f"^(?:{self.pattern})$"}
