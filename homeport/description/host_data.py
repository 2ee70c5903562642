"""The host data that homeport knows: what group_data, the inventory and ``--data`` may say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from pyinfra.api.host import HostData as PyinfraData

from homeport.description.hashable_data import EMPTY, HashableData
from homeport.description.host_keys import check_names, check_old_names
from homeport.description.host_values import (
    app_file,
    flag,
    host_type_of,
    overrides_of,
    path_of,
    text,
)
from homeport.description.public_data import public_data
from homeport.manifest import Rollout
from homeport.rollout.policy import rollout_of

Data = Mapping[str, object] | PyinfraData
"""Host data as pyinfra merges it: inventory, group_data and ``--data``."""


@dataclass(frozen=True)
class HostData:
    """The data of one host, parsed; hosts with equal data are described once.

    + host_type: one of ``host_values.HOST_TYPES``
    + app_file: the path of the application file, relative to the project
    + overrides: what ``app`` lays over application files; each may name the one that it is for
    + architecture, debian: as they are written, None if they are not; a laptop needs neither
    + artifact: the path of a build, relative to the project; None to build from the source
    + allowed_signers: the path of a file with the keys of which one must have signed the build
    + verify_files: whether every file of a host is compared with what its wheels bring
    + allow_dirty, allow_downgrade: whether uncommitted code, or an older commit, may be deployed
    + allow_root: whether a laptop may be deployed to by root, as whom its code runs then
    + rollout: the batches of a deploy to many hosts; None for all at once
    + sudo: whether the user that deploys becomes root by sudo
    + public: all data that files may hold, also the user's own, by name
    """

    host_type: str = "server"
    app_file: str = "app.yml"
    overrides: tuple[HashableData, ...] = ()
    architecture: str | None = None
    debian: str | None = None
    artifact: str | None = None
    allowed_signers: str | None = None
    verify_files: bool = False
    allow_dirty: bool = False
    allow_downgrade: bool = False
    allow_root: bool = False
    rollout: Rollout | None = field(default=None, compare=False)
    sudo: bool = field(default=False, compare=False)
    public: HashableData = EMPTY

    @classmethod
    def parse(cls, data: Data, name: str | None = None) -> Self:
        """Return all that the data of the host of this name says.

        Raises ``UserError`` with the key and its place for what isn't valid, also for a laptop
        that isn't this machine.
        """
        values = _values(data)
        check_names(values)
        return cls(
            rollout=rollout_of(values.get("rollout")),
            host_type=host_type_of(values, name),
            app_file=app_file(values),
            overrides=tuple(overrides_of(values)),
            architecture=text(values, "architecture"),
            debian=text(values, "debian"),
            artifact=path_of(values, "artifact", "an artifact", "builds/pinboard.tar.gz"),
            allowed_signers=path_of(
                values,
                "allowed_signers",
                "a file of allowed signers",
                "inventories/allowed_signers",
            ),
            verify_files=flag(values, "verify_files"),
            allow_dirty=flag(values, "allow_dirty"),
            allow_downgrade=flag(values, "allow_downgrade"),
            allow_root=flag(values, "allow_root"),
            sudo=bool(values.get("_sudo")),
            public=HashableData(public_data(values)),
        )

    @classmethod
    def parse_basics(cls, data: Data, name: str | None = None) -> Self:
        """Return what is needed without a description: host type, file, platform and sudo.

        Whatever is wrong with the rest doesn't matter. Raises ``UserError`` as ``parse`` does.
        """
        values = _values(data)
        check_old_names(values)
        return cls(
            host_type=host_type_of(values, name),
            app_file=app_file(values),
            architecture=text(values, "architecture"),
            debian=text(values, "debian"),
            sudo=bool(values.get("_sudo")),
        )


DEFAULTS = HostData()
"""What goes for a host whose data says nothing."""


def _values(data: Data) -> Mapping[str, object]:
    return data if isinstance(data, Mapping) else data.dict()
