"""The files that app.yml names: there, and inside the project even through links."""

from __future__ import annotations

from collections.abc import Iterator

from homeport.manifest.model.app import App
from homeport.manifest.model.source import LocalSource
from homeport.manifest.types.issues import Issue, KeyPath, quoted


def absent(app: App) -> Iterator[Issue]:
    """Yield a complaint for the source, requirements and templates that can't be used from here."""
    if isinstance(app.source, LocalSource):
        yield from _judge(app, app.source.path, ("source",), directory=True)
    if app.requirements is not None:
        yield from _judge(app, app.requirements, ("requirements",), directory=False)
    for name, file in app.config_files.items():
        yield from _judge(app, file.template, ("config_files", name, "template"), directory=False)


def _judge(app: App, written: str, key: KeyPath, *, directory: bool) -> Iterator[Issue]:
    kind = "directory" if directory else "file"
    try:
        path = app.resolve(written).resolve()
        usable = path.is_dir() if directory else path.is_file()
        inside = path.is_relative_to(app.root.resolve())
    except (OSError, RuntimeError, ValueError):
        usable, inside = False, True
    if not inside:
        what, fix = f"{quoted(written)} is a link out of the project", f"move the {kind} into it"
        yield Issue(what, fix, (key,))
    elif not usable:
        fix = "create it, or correct the path, which is relative to the application file"
        yield Issue(f"there is no {kind} {quoted(written)}", fix, (key,))
