"""The source of the application's code: a directory, a git repository or an index."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from packaging.version import InvalidVersion, Version
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    Tag,
)

from homeport.manifest.types.base import ConfigModel
from homeport.manifest.types.issues import quoted, refuse
from homeport.manifest.types.one_of import form, one_of
from homeport.manifest.types.paths import Pattern, ProjectPath
from homeport.manifest.types.pattern import TextPattern
from homeport.manifest.types.text import Text, distinct
from homeport.manifest.types.url import RepositoryUrl

Include: TypeAlias = Annotated[
    tuple[Pattern, ...], Field(json_schema_extra={"uniqueItems": True}), AfterValidator(distinct)
]
NO_VERSION, EXACT = "is not a version", "write one exact version, such as 2.1.0"


def release(version: str) -> str:
    """Return the version. Raises ``ValueError`` if it doesn't name exactly one."""
    try:
        Version(version)
    except InvalidVersion:
        raise refuse(f"{quoted(version)} {NO_VERSION}", EXACT) from None
    return version


class DirectorySource(RootModel[ProjectPath]):
    """A directory, relative to the application file and below it."""

    model_config = ConfigDict(frozen=True)

    @property
    def path(self) -> str:
        """The directory, as written."""
        return self.root

    @property
    def include(self) -> tuple[str, ...]:
        """No pattern: its short form names none."""
        return ()


class PathSource(ConfigModel):
    """A directory, and what ships of it besides the files that git tracks."""

    path: ProjectPath
    """Directory of the code, as the short form `source: DIRECTORY` has it."""
    include: Include = ()
    """Glob patterns of files to ship that git ignores, or that are refused as private."""


LocalSource: TypeAlias = DirectorySource | PathSource
"""A source below the application file: both forms have a `path` and an `include`."""


class GitSource(ConfigModel):
    """A git repository at one of its branches, tags or commits."""

    git: RepositoryUrl
    """URL of the repository."""
    ref: Annotated[
        Text,
        TextPattern(
            "(?!.*\\.\\.)[A-Za-z0-9_][A-Za-z0-9._/+-]{0,199}",
            "is not a branch, tag or commit",
            "use the name alone, such as v2.1 or main, or a commit",
        ),
    ]
    """Branch, tag or commit to run."""
    include: Include = ()
    """Glob patterns of files to ship that git ignores, or that are refused as private."""


class PackageSource(ConfigModel):
    """A package on an index, at one version."""

    package: Annotated[
        Text,
        TextPattern(
            "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?",
            "is not the name of a package",
            "use the name alone, as the index shows it",
        ),
    ]
    """Name of the package on the index."""
    version: Annotated[
        Text,
        TextPattern("[0-9A-Za-z][0-9A-Za-z.!+_-]{0,99}", NO_VERSION, EXACT),
        AfterValidator(release),
    ]
    """Version of the package, in quotes."""


FORMS = (
    "write a directory, or {path: DIRECTORY, include: [PATTERN]}, or {git: URL, ref: REF}, or "
    "{package: NAME, version: VERSION}"
)
Source: TypeAlias = Annotated[
    Annotated[DirectorySource, Tag("text")]
    | Annotated[PathSource, Tag("path")]
    | Annotated[GitSource, Tag("git")]
    | Annotated[PackageSource, Tag("package")],
    Discriminator(form),
    BeforeValidator(one_of("path", "git", "package", text=True, fix=FORMS)),
]
