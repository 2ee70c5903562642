"""The application file ``app.yml``: read, merged with what differs per host, and judged."""

from homeport.manifest.app import App
from homeport.manifest.complaints import Mistakes
from homeport.manifest.document import Document, load
from homeport.manifest.health import Endpoint, Health
from homeport.manifest.hook import words_of as hook_words
from homeport.manifest.process import Process, Schedule, render_command
from homeport.manifest.secret import CommandSecret, FileSecret
from homeport.manifest.source import DirectorySource, GitSource, PackageSource
from homeport.manifest.validation import validate

__all__ = [
    "App",
    "CommandSecret",
    "DirectorySource",
    "Document",
    "Endpoint",
    "FileSecret",
    "GitSource",
    "Health",
    "Mistakes",
    "PackageSource",
    "Process",
    "Schedule",
    "hook_words",
    "load",
    "render_command",
    "validate",
]
