"""Editors get a schema that says what the validation says, in the same words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from homeport.manifest.schema.json_schema import schema
from tests.support.valid_app import VALID, Read

WRITTEN = Path(__file__).parents[4] / "docs/app.schema.json"
REMAKE = "python -m homeport.manifest.schema.json_schema > docs/app.schema.json"


def mappings(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, dict | list):
            yield from mappings(item)


def parts() -> dict[str, dict[str, Any]]:
    made = schema()
    return {"App": made} | {
        name: part for name, part in made["$defs"].items() if "properties" in part
    }


def test_json_schema__the_written_schema_is_up_to_date() -> None:
    assert json.loads(WRITTEN.read_text()) == schema(), f"run: {REMAKE}"


@pytest.mark.parametrize("name, part", parts().items(), ids=parts())
def test_json_schema__every_key_is_described_in_a_sentence(name: str, part: dict[str, Any]) -> None:
    assert part["additionalProperties"] is False
    for key, value in part["properties"].items():
        assert re.fullmatch(r"[A-Z{].*\.", value["description"]), key


def test_json_schema__nothing_in_the_schema_is_null_or_invented() -> None:
    assert all(part.get("type") != "null" for part in mappings(schema()))
    assert "root" not in schema()["properties"]


def test_json_schema__every_reference_and_pattern_can_be_followed() -> None:
    made = schema()
    for part in mappings(made):
        if "$ref" in part:
            assert part["$ref"].removeprefix("#/$defs/") in made["$defs"]
        if isinstance(part.get("pattern"), str):
            re.compile(part["pattern"])
        for pattern in part.get("patternProperties", ()):
            re.compile(pattern)


def test_json_schema__a_source_and_a_secret_have_their_forms() -> None:
    made = schema()
    forms = [form["$ref"].rsplit("/")[-1] for form in made["properties"]["source"]["oneOf"]]
    assert forms == ["DirectorySource", "PathSource", "GitSource", "PackageSource"]
    assert made["$defs"]["DirectorySource"]["type"] == "string"
    (secret,) = made["properties"]["secrets"]["patternProperties"].values()
    assert [form["$ref"].rsplit("/")[-1] for form in secret["oneOf"]] == [
        "FileSecret",
        "CommandSecret",
    ]


def test_json_schema__an_init_is_a_command_or_a_mapping() -> None:
    (init,) = schema()["properties"]["run_once"]["patternProperties"].values()
    assert [form.get("type", form.get("$ref")) for form in init["anyOf"]] == [
        "string",
        "#/$defs/RunOnceJob",
    ]


def test_json_schema__the_keys_of_a_valid_file_are_those_of_the_schema(read: Read) -> None:
    assert read()
    made, written = schema(), yaml.safe_load(VALID)
    assert set(written) == set(made["properties"])
    assert set(written["processes"]["web"]) == set(made["$defs"]["Process"]["properties"])
