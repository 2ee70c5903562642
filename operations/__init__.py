"""One kind of resource, one phase, one file: what is wanted, the look, the diff, the fix."""

if __name__ != "homeport.operations":
    # Under another name each kind would be another class, match nothing, and plan nothing.
    raise ImportError(f"import homeport.operations, not {__name__}: a kind has one name alone")

from homeport.operations import config_files as configs
from homeport.operations import executables as programs
from homeport.operations import files, packages, releases
from homeport.operations import git_hooks as hooks
from homeport.operations import release_check as checks
from homeport.operations import users as accounts
from homeport.operations.hostctl import kind as guards
from homeport.operations.platform import kind as hosts
from homeport.operations.proxy import kind as fronts
from homeport.operations.services import kind as services
from homeport.operations.units import kind as units
from homeport.operations.venvs import kind as venvs

PHASES = (
    hosts.KIND,
    packages.KIND,
    programs.KIND,
    accounts.KIND,
    guards.KIND,
    files.KIND,
    venvs.KIND,
    releases.KIND,
    configs.KIND,
    checks.KIND,
    units.KIND,
    fronts.KIND,
    hooks.KIND,
    services.KIND,
)
"""The order in which a host is changed: the same on every host, whatever it has."""
