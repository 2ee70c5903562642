"""What manifest.schema.key_reference promises."""

from __future__ import annotations

from homeport.manifest.schema.json_schema import schema
from homeport.manifest.schema.key_reference import keys
from tests.support.pages_cache import _cache

__all__ = ["_cache"]


def test_key_reference__every_key_of_the_schema_is_in_the_reference_once_with_its_description() -> (
    None
):
    listed = keys()
    assert len({key.path for key in listed}) == len(listed)
    paths = {key.path: key for key in listed}
    assert set(schema()["properties"]) <= set(paths)
    for part in schema()["$defs"].values():
        for name, values in part.get("properties", {}).items():
            assert any(
                key.path.rpartition(".")[2] == name and key.description == values["description"]
                for key in listed
            ), name
    assert paths["processes.NAME.health.live"].needed is False
    assert paths["schedules.NAME.at"].needed is True
    assert paths["source.git"].needed is False, "a directory is a source too"
    assert paths["processes.NAME.stop_timeout"].default == 30
    assert paths["apt_packages"].default is None
