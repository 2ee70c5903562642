"""The application file ``app.yml``: read, merged with what differs per host, and judged."""

from homeport.errors import Mistakes
from homeport.manifest.app import App
from homeport.manifest.command import fill
from homeport.manifest.config import ConfigFile, folders
from homeport.manifest.document import Document, load
from homeport.manifest.health import Endpoint, Health
from homeport.manifest.hook import words_of as hook_words
from homeport.manifest.machine import Login, Machine
from homeport.manifest.process import Init, Job, Process, Schedule, render_command
from homeport.manifest.rollout import Rollout
from homeport.manifest.secret import CommandSecret, FileSecret
from homeport.manifest.source import DirectorySource, GitSource, PackageSource
from homeport.manifest.validation import validate, validate_machine, validate_rollout

__all__ = [
    "App",
    "CommandSecret",
    "ConfigFile",
    "DirectorySource",
    "Document",
    "Endpoint",
    "FileSecret",
    "GitSource",
    "Health",
    "Init",
    "Job",
    "Login",
    "Machine",
    "Mistakes",
    "PackageSource",
    "Process",
    "Rollout",
    "Schedule",
    "fill",
    "folders",
    "hook_words",
    "load",
    "render_command",
    "validate",
    "validate_machine",
    "validate_rollout",
]
