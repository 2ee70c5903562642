"""The application file ``app.yml``: read, merged with what differs per host, and judged."""

from homeport.manifest.app import App
from homeport.manifest.complaints import Mistakes
from homeport.manifest.document import Document, load
from homeport.manifest.machine import Login, Machine
from homeport.manifest.process import Health, Process, Schedule, render_command
from homeport.manifest.secret import CommandSecret, FileSecret
from homeport.manifest.source import DirectorySource, GitSource, PackageSource
from homeport.manifest.validation import validate, validate_machine

__all__ = [
    "App",
    "CommandSecret",
    "DirectorySource",
    "Document",
    "FileSecret",
    "GitSource",
    "Health",
    "Login",
    "Machine",
    "Mistakes",
    "PackageSource",
    "Process",
    "Schedule",
    "load",
    "render_command",
    "validate",
    "validate_machine",
]
