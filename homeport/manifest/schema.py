"""The JSON schema of the application file, for editors: ``python -m homeport.manifest.schema``."""

from __future__ import annotations

import json
import sys
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from homeport.manifest.app import App


class Generator(GenerateJsonSchema):
    """Leaves out what only means something in Python: null, generated titles."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Return the schema of the value: a key without one is left out, never null."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Return the schema with its default, unless that is None."""
        if schema.get("default", ...) is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """Return the schema, closed to keys that have the wrong shape."""
        made = super().dict_schema(schema)
        return made | {"additionalProperties": False} if "patternProperties" in made else made

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Return False: a title that repeats the key says nothing."""
        return False


def schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12), described with the docstrings of the model."""
    made = App.model_json_schema(schema_generator=Generator)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


if __name__ == "__main__":
    json.dump(schema(), sys.stdout, indent=2)
    print()
