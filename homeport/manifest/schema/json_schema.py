"""The JSON schema of the application file, for editors.

``python -m homeport.manifest.schema.json_schema`` prints it.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
from itertools import pairwise
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from homeport.manifest.model.app import App
from homeport.manifest.types.base import ConfigModel


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

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Return the schema of a part, each key with what its docstring says."""
        made = super().model_schema(schema)
        descriptions = docstrings(schema["cls"])
        for name, field in schema["cls"].model_fields.items():
            if name in descriptions:
                made["properties"][field.alias or name]["description"] = descriptions[name]
        return made

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Return False: a title that repeats the key says nothing."""
        return False


def docstrings(cls: type) -> dict[str, str]:
    """Return the docstring of every field of a class, its parents' too, by the field's name."""
    descriptions: dict[str, str] = {}
    for each in reversed(
        [one for one in cls.__mro__ if issubclass(one, ConfigModel) and one is not ConfigModel]
    ):
        body = ast.parse(inspect.getsource(each)).body[0]
        for field, after in pairwise(getattr(body, "body", [])):
            match field, after:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ):
                    descriptions[name] = inspect.cleandoc(text)
    return descriptions


def schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12), described with the docstrings of the model."""
    made = App.model_json_schema(schema_generator=Generator)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


if __name__ == "__main__":
    json.dump(schema(), sys.stdout, indent=2)
    print()
