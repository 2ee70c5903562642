"""What artifacts.sbom promises: all that is in a build, as CycloneDX has it, each time the same."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from homeport.artifacts import build_artifact
from homeport.artifacts.sbom import sbom_of, sbom_text
from tests.support.code_tree import cache, tree

__all__ = ["cache", "tree"]

LOCK = (
    f"Flask==3.1.2 --hash=sha256:{'a' * 64} --hash=sha256:{'b' * 64}\n"
    f"colorama==0.4.6 ; sys_platform == 'win32' --hash=sha256:{'c' * 64}\n"
)


def test_sbom__it_names_the_build_and_every_package_of_its_lock(tree: Path, cache: Path) -> None:
    artifact = replace(build_artifact(tree, cache=cache), commit="d" * 40)
    text = sbom_text("shop", artifact, LOCK, "e" * 64)
    assert text == sbom_text("shop", artifact, LOCK, "e" * 64)
    bom = json.loads(text)
    assert (bom["bomFormat"], bom["specVersion"], bom["version"]) == ("CycloneDX", "1.6", 1)
    assert bom["serialNumber"].startswith("urn:uuid:")
    application = bom["metadata"]["component"]
    assert application["hashes"] == [{"alg": "SHA-256", "content": "e" * 64}]
    assert {"name": "homeport:commit", "value": "d" * 40} in application["properties"]
    assert [(each["name"], each["version"], each["purl"]) for each in bom["components"]] == [
        ("colorama", "0.4.6", "pkg:pypi/colorama@0.4.6"),
        ("flask", "3.1.2", "pkg:pypi/flask@3.1.2"),
    ]
    (origin,) = bom["components"][1]["externalReferences"]
    assert [each["content"] for each in origin["hashes"]] == ["a" * 64, "b" * 64]
    assert bom["dependencies"][0] == {
        "ref": application["bom-ref"],
        "dependsOn": ["pkg:pypi/colorama@0.4.6", "pkg:pypi/flask@3.1.2"],
    }
    assert {each["ref"] for each in bom["dependencies"]} == {
        application["bom-ref"],
        *(each["bom-ref"] for each in bom["components"]),
    }


def test_sbom__without_a_lock_there_are_no_packages(tree: Path, cache: Path) -> None:
    text = sbom_text("shop", build_artifact(tree, cache=cache), None, "e" * 64)
    assert json.loads(text)["components"] == []


def test_sbom__it_lies_beside_the_build() -> None:
    assert sbom_of(Path("builds/shop-0123.tar.gz")) == Path("builds/shop-0123.cdx.json")
