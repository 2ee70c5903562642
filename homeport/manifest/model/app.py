"""The application: everything that its file says, and what its parts say to each other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PrivateAttr

from homeport.errors import UserError
from homeport.manifest.model.config_file import ConfigName, ConfigTemplate
from homeport.manifest.model.git_hook import HookCommand, HookName
from homeport.manifest.model.health import watcher
from homeport.manifest.model.process import JobOrCommand, Process, Schedule
from homeport.manifest.model.proxy import Proxy
from homeport.manifest.model.release_policy import ReleasePolicy
from homeport.manifest.model.secret import Secret
from homeport.manifest.model.source import Source
from homeport.manifest.reading.source_map import SourceMap
from homeport.manifest.types import paths
from homeport.manifest.types.app_name import AppName
from homeport.manifest.types.base import ConfigModel
from homeport.manifest.types.command import Verdict
from homeport.manifest.types.environment import VariableName, VariableValue
from homeport.manifest.types.issues import Issue, KeyPath
from homeport.manifest.types.text import DebianPackage, Module, Name, PythonVersion, distinct
from homeport.manifest.types.url import IndexUrl

UNIQUE = Field(json_schema_extra={"uniqueItems": True})


class App(ConfigModel):
    """An application: its code, what it runs, and what it needs."""

    name: AppName
    """Name of the application: its account, its units and /srv/<name> are called after it."""
    source: Source
    """Where the code is: a directory, a git repository at a ref, or a package at a version."""
    exclude: Annotated[tuple[paths.Pattern, ...], UNIQUE, AfterValidator(distinct)] = ()
    """Glob patterns of files in the source that a release leaves out."""
    python: PythonVersion
    """Python version to run with, in quotes: "3.11"."""
    requirements: paths.Lock | None = None
    """Requirements file with hashes, or a uv.lock; without it the venv has Python alone."""
    index_url: IndexUrl | None = None
    """Package index to install from, instead of PyPI."""
    apt_packages: Annotated[tuple[DebianPackage, ...], UNIQUE, AfterValidator(distinct)] = ()
    """Debian packages to install for the application."""
    environment: Mapping[VariableName, VariableValue] = Field(default_factory=dict)
    """Environment variables of all processes and jobs; they are no place for secrets."""
    secrets: Mapping[VariableName, Secret] = Field(default_factory=dict)
    """Environment variables whose values come from a file or a command where you deploy."""
    data: Annotated[tuple[paths.DataDirectory, ...], UNIQUE, AfterValidator(distinct)] = ()
    """Directories for data that outlives releases, made below /var/lib/<name>."""
    skip_imports: Annotated[tuple[Module, ...], UNIQUE, AfterValidator(distinct)] = ()
    """Modules that are not imported when a release is checked."""
    release_check: Verdict | None = None
    """Command of the application that fails if a release, as it lies on its host, can't run."""
    release: ReleasePolicy = Field(default_factory=ReleasePolicy)
    """Timing of the switch to a release, and the releases that stay on the host."""
    config_files: Mapping[ConfigName, ConfigTemplate] = Field(default_factory=dict)
    """Configuration files by name, made from templates for each host; {config} is their folder."""
    run_once: Mapping[Name, JobOrCommand] = Field(default_factory=dict)
    """Jobs that run once, in this order, on the first deploy to a host, before any process."""
    processes: Mapping[Name, Process] = Field(default_factory=dict)
    """Processes that run all the time, by name."""
    schedules: Mapping[Name, Schedule] = Field(default_factory=dict)
    """Jobs that run by the calendar, by name."""
    proxy: Proxy | None = None
    """Serve one of the processes through nginx; a laptop ignores it."""
    git_hooks: Mapping[HookName, HookCommand] = Field(default_factory=dict)
    """Commands that git runs on a laptop, at the top of the work tree, by the name of the hook."""

    _root: Path = PrivateAttr(default_factory=Path)
    _origin: SourceMap = PrivateAttr(default_factory=SourceMap)

    def model_post_init(self, context: Any, /) -> None:
        """Take from the context of the validation what no key says: where the keys stand."""
        if isinstance(context, dict) and "root" in context:
            self._root = context["root"]
            self._origin = context.get("origin", self._origin)

    @property
    def root(self) -> Path:
        """The folder of the application file."""
        return self._root

    @property
    def file(self) -> Path | None:
        """The application file itself, None if it was read from none."""
        return self._origin.document.path if self._origin.document else None

    def resolve(self, path: str) -> Path:
        """Return the absolute path on the controller of a path in the application file."""
        return paths.resolve(self.root, path)

    def error(self, path: KeyPath, what: str, fix: str) -> UserError:
        """Return an error in the value of a key, with the file and line where it stands."""
        return self._origin.error(Issue(what, fix, (path,)))

    def unit(self, name: str) -> str:
        """Return the unit name, without its suffix, of a process, schedule or run_once job."""
        return f"{self.name}-{name}"

    def watcher(self, name: str) -> str:
        """Return the unit name, without its suffix, of the watch of a process."""
        return watcher(self.unit(name))

    def reached(self, name: str) -> bool:
        """Return whether people reach a process: by the proxy, or on a port of its own."""
        by_proxy = self.proxy is not None and self.proxy.process == name
        return by_proxy or isinstance(self.processes[name].listen, int)

    @property
    def watched(self) -> tuple[str, ...]:
        """The processes with a watch: liveness is checked, or people reach them."""
        return tuple(
            name
            for name, process in self.processes.items()
            if process.live_checked or self.reached(name)
        )
