"""Build apart from any deploy: `python -m homeport.build [APP_FILE] [-o FILE] [OPTIONS]`.

The file holds the application's code and its lock. `--data artifact=FILE`, or `artifact` in
group_data, deploys just that, to the byte, whatever has become of the source since. Beside it are
its bill of materials (CycloneDX) and, with `--signing-key`, its signature.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from homeport.artifacts import Artifact, lock_text
from homeport.artifacts.build_file import write_build
from homeport.artifacts.cache import sha256_of
from homeport.artifacts.sbom import sbom_of, sbom_text
from homeport.artifacts.signature import sign
from homeport.description.app_build import code_of, lock_of, root
from homeport.description.host import PYTHONS, application_of, committed, target_of
from homeport.description.host_data import HostData
from homeport.errors import UserError
from homeport.manifest import App
from homeport.pyinfra_adapter.output import print_plainly

ARCHITECTURES = ("amd64", "arm64")


def main(arguments: Sequence[str]) -> int:
    """Write a build and print its path; return the exit code: 0, or 1 after a printed error."""
    parser = argparse.ArgumentParser(prog="python -m homeport.build", description=__doc__)
    parser.add_argument("app_file", nargs="?", default="app.yml", help="default: app.yml")
    parser.add_argument("-o", "--output", type=Path, help="default: builds/NAME-ID.tar.gz")
    parser.add_argument("--allow-dirty", action="store_true", help="build uncommitted code as well")
    parser.add_argument("--signing-key", type=Path, metavar="KEY", help="an SSH key, to sign with")
    chosen = parser.parse_args(arguments)
    try:
        app = application_of(HostData.parse({"app_file": chosen.app_file}))
        artifact = checked(app)
        if not chosen.allow_dirty:
            committed(app, artifact, "build it all the same with --allow-dirty")
        file = chosen.output or root() / "builds" / f"{app.name}-{artifact.id[:12]}.tar.gz"
        lock = lock_text(app.resolve(app.requirements)) if app.requirements else None
        write_build(file, app.name, artifact, lock)
        sbom_of(file).write_text(sbom_text(app.name, artifact, lock, sha256_of(file)))
        if chosen.signing_key is not None:
            sign(file, chosen.signing_key)
    except UserError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    print(f"{file}: {app.name} {artifact.id[:12]}, {_origin(artifact)}")
    for left_out in artifact.left_out:
        print(f"not in it: {left_out}")
    return 0


def checked(app: App) -> Artifact:
    """Return the application's code, with its lock checked for every architecture.

    Raises ``UserError`` if the lock or the code can't be deployed to one of them.
    """
    debian = next((name for name, python in PYTHONS.items() if python == app.python), "12")
    targets = [
        target_of(app, HostData(architecture=architecture, debian=debian))
        for architecture in ARCHITECTURES
    ]
    locks = [lock_of(app, target) for target in targets]
    return code_of(app, locks[0])


def _origin(artifact: Artifact) -> str:
    if artifact.commit is None:
        return "no commit"
    return f"commit {artifact.commit[:12]}{', with changes' if artifact.dirty else ''}"


if __name__ == "__main__":
    print_plainly()
    sys.exit(main(sys.argv[1:]))
