"""The application file ``app.yml``: read, merged with what differs per host, and judged."""

from homeport.errors import UserErrors
from homeport.manifest.model.app import App
from homeport.manifest.model.bootstrap import BootstrapData, Login
from homeport.manifest.model.config_file import ConfigTemplate, folders
from homeport.manifest.model.git_hook import words_of as hook_words
from homeport.manifest.model.health import Endpoint, Health
from homeport.manifest.model.process import Job, Process, RunOnceJob, Schedule, render_command
from homeport.manifest.model.rollout import Rollout
from homeport.manifest.model.secret import CommandSecret, FileSecret
from homeport.manifest.model.source import (
    DirectorySource,
    GitSource,
    LocalSource,
    PackageSource,
    PathSource,
)
from homeport.manifest.reading.document import Document, load
from homeport.manifest.types.command import fill
from homeport.manifest.validation.validate import validate, validate_machine, validate_rollout

__all__ = [
    "App",
    "BootstrapData",
    "CommandSecret",
    "ConfigTemplate",
    "DirectorySource",
    "Document",
    "Endpoint",
    "FileSecret",
    "GitSource",
    "Health",
    "Job",
    "LocalSource",
    "Login",
    "PackageSource",
    "PathSource",
    "Process",
    "Rollout",
    "RunOnceJob",
    "Schedule",
    "UserErrors",
    "fill",
    "folders",
    "hook_words",
    "load",
    "render_command",
    "validate",
    "validate_machine",
    "validate_rollout",
]
