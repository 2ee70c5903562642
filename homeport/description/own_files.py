"""The files of a project that are homeport's own: none is code, and no release has one."""

from __future__ import annotations

from collections.abc import Iterator
from os.path import normpath
from pathlib import Path

from homeport.manifest import App, FileSecret

INVENTORY = ("inventories", "group_data")
"""What pyinfra reads beside the application file, or at the top of the project."""
PROJECT = (
    *("deploy.py", "config.py", "deploys", "kinds", "tests/production"),
    *("local", "builds", "pyinfra-debug.log"),
)
"""What lies at the top of a project alone: its deploy files, and what homeport makes there."""
CHECKOUT = (
    *(".ansible", ".ci", ".config", ".env.yml", "Makefile", "benchmarks", "docs", "examples"),
    *("lab", "molecule", "pyproject.toml", "requirements.lock", "requirements-dev.lock", "tools"),
    *("tests/e2e", "tests/faults", "tests/golden", "tests/hardening", "tests/spec_faults"),
    *("tests/support", "tests/unit"),
)
"""What lies there besides if the project is a checkout of homeport itself."""


def own_files(app: App, project: Path, tree: Path) -> tuple[str, ...]:
    """Return the paths of homeport's own files below the tree, relative to it, with slashes.

    They are where this project has them, and not what is called like them elsewhere: the
    application file and what it names, what pyinfra reads, and the package with what it links to.
    """
    top = tree.resolve()
    found = (path.parent.resolve() / path.name for path in _own(app, project))
    return tuple(sorted({str(path.relative_to(top)) for path in found if top in path.parents}))


def own_files_of_commit(app: App, project: Path, tree: Path) -> tuple[str, ...]:
    """Return the paths of homeport's own files in the tree of a commit.

    There are none unless the commit is one of this project: the application file is where it is
    here. A package of homeport's is none there: each project has its own.
    """
    top = project.resolve()
    files = [path.parent.resolve() / path.name for path in _named(app)]
    below = [str(path.relative_to(top)) for path in files if top in path.parents]
    if app.file is None or not below or not (tree / below[0]).is_file():
        return ()
    folders = (name for name in INVENTORY if not _is_package(tree / name))
    return tuple(sorted({*below, *folders, "deploy.py"}))


def _named(app: App) -> Iterator[Path]:
    """Yield the application file, and the files that it names."""
    if app.file is not None:
        yield app.file
    for secret in app.secrets.values():
        if isinstance(secret, FileSecret):
            yield from _with_target(app.resolve(secret.file))
    for file in app.config_files.values():
        yield app.resolve(file.template)


def _own(app: App, project: Path) -> Iterator[Path]:
    yield from _named(app)
    for folder in {app.root, project}:
        yield from (folder / name for name in INVENTORY if not _is_package(folder / name))
    yield from (project / name for name in PROJECT)
    package = project / "homeport"
    if (package / "errors.py").is_file():
        yield package
        yield from (_target(link) for link in package.iterdir() if link.is_symlink())
        if _is_checkout(project):
            yield from (project / name for name in CHECKOUT)


def _is_package(folder: Path) -> bool:
    # pyinfra imports neither of them, so that is the application's own.
    return (folder / "__init__.py").is_file()


def _is_checkout(project: Path) -> bool:
    try:
        return 'name = "homeport"' in (project / "pyproject.toml").read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return False


def _with_target(file: Path) -> Iterator[Path]:
    yield from (file, file.resolve())


def _target(link: Path) -> Path:
    return Path(normpath(link.parent / link.readlink()))
