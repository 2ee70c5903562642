"""A deploy file: looks at a host that is as described, and keeps what it answers.

The host data ``recording`` names the file to write; only you can read it.
"""

from pathlib import Path

from pyinfra import host

from benchmarks.scale.recording import Recording
from homeport.description.host import describe_host
from homeport.engine.remote import ask
from homeport.engine.run import current_host
from homeport.engine.secret_digest import sha256
from homeport.files.entries import File
from homeport.operations import PHASES
from homeport.operations.config_files import ConfigFile

described = describe_host(host.data, host.name)
entries = (*described.of(File), *(config.entry for config in described.of(ConfigFile)))
answers = ask(current_host(), PHASES, described)
recording = Recording(
    answers={kind: answer.text for kind, answer in answers.items()},
    key=next(answer.key for answer in answers.values()),
    secrets=tuple(sha256(e.content) for e in entries if isinstance(e, File) and e.secret),
    group=next(group for group in host.groups if group != "lab"),
    data={key: value for key, value in host.host_data.items() if not key.startswith("ssh_")},
)
place = Path(host.data.recording)
place.touch(mode=0o600)
place.write_text(recording.dump())
