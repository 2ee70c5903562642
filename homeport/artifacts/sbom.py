"""The bill of materials of a build: what is in it, as CycloneDX 1.6 has it (ECMA-424)."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from homeport.artifacts.artifact import Artifact
from homeport.artifacts.requirements_file import Line, parse

_SUFFIX = ".tar.gz"


def sbom_of(build: Path) -> Path:
    """Return where the bill of materials of a build is: beside it, as `NAME.cdx.json`."""
    return build.with_name(f"{build.name.removesuffix(_SUFFIX)}.cdx.json")


def sbom_text(name: str, artifact: Artifact, lock: str | None, digest: str) -> str:
    """Return the bill of materials of a build, as JSON; the same build has the same one.

    `lock` is the text of the lock, None without one; `digest` is the SHA-256 of the build file.
    Each package has the hashes of all files that the lock accepts for it.
    """
    application = f"{name}@{artifact.id[:12]}"
    packages = sorted({_component(line): line for line in _lines(lock)}.items())
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, f'urn:sha256:{digest}')}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": application,
                "name": name,
                "version": artifact.id[:12],
                "hashes": [{"alg": "SHA-256", "content": digest}],
                "properties": [
                    {"name": "homeport:artifact", "value": artifact.id},
                    {"name": "homeport:commit", "value": artifact.commit or "none"},
                    {"name": "homeport:dirty", "value": str(artifact.dirty).lower()},
                ],
            }
        },
        "components": [_package(reference, line) for reference, line in packages],
        "dependencies": [
            {"ref": application, "dependsOn": [reference for reference, _ in packages]},
            *({"ref": reference} for reference, _ in packages),
        ],
    }
    return json.dumps(document, indent=1) + "\n"


def _lines(lock: str | None) -> tuple[Line, ...]:
    return parse(lock, Path("requirements.txt")) if lock else ()


def _component(line: Line) -> str:
    return f"pkg:pypi/{line.name}@{line.version}"  # a package URL (purl), in its canonical form


def _package(reference: str, line: Line) -> dict[str, object]:
    return {
        "type": "library",
        "bom-ref": reference,
        "name": line.name,
        "version": line.version,
        "purl": reference,
        "externalReferences": [
            {
                "type": "distribution",
                "url": f"https://pypi.org/simple/{line.name}/",
                "comment": "one of these files, by the hashes of the lock",
                "hashes": [{"alg": "SHA-256", "content": value} for value in line.hashes],
            }
        ],
    }
