"""Every private name of pyinfra and CPython that homeport replaces, shadows or reads.

A unit test compares the hashes with what is installed: an upgrade of pyinfra fails there, and
names the rows to look at. Look at what changed and at the code that the row speaks of, correct
that, and write down the new hash.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from importlib import import_module

IN_C = ""
"""In the place of a hash: the name is written in C, and that it is there is all to compare."""


@dataclass(frozen=True)
class Patch:
    """One private part of a library that ours rests on.

    + name: the function, class or constant that is compared, as its module knows it
    + why: what ours does with it
    + cost: what is lost if it were gone
    + sha256: of its source, as ``inspect.getsource`` returns it; of a constant, of its ``repr``
    + touches: the private names that our code writes for it, besides the last part of ``name``
    """

    module: str
    name: str
    why: str
    cost: str
    sha256: str
    touches: tuple[str, ...] = ()

    def upstream(self) -> object:
        """Return what is installed; raises ``ImportError`` or ``AttributeError`` if it is gone."""
        found: object = reduce(getattr, self.name.split("."), import_module(self.module))
        return found

    def installed_sha256(self) -> str:
        """Return the hash of the source that is installed; raises as ``upstream`` does."""
        found = self.upstream()
        if inspect.isbuiltin(found):
            return IN_C
        source = inspect.getsource(found) if callable(found) else repr(found)
        return hashlib.sha256(source.encode()).hexdigest()


def faults(patches: tuple[Patch, ...]) -> Iterator[str]:
    """Yield a line for each row that no longer fits what is installed."""
    for patch in patches:
        row = f"{patch.module}.{patch.name} ({patch.why})"
        try:
            found = patch.installed_sha256()
        except (ImportError, AttributeError):
            yield f"{row}: it is gone. Fix: do without it; it costs: {patch.cost}"
            continue
        if found != patch.sha256:
            yield f"{row}: it has changed. Fix: see that ours still fits, then write {found!r}"


PATCHES = (
    # The command line: loading an inventory, its questions, its end.
    Patch(
        "pyinfra_cli.cli",
        "_main",
        "read: the names of its parameters, as cli parses them, and that config.py comes first;"
        " shadowed: a dry run has a click that drops its paragraph about detected changes",
        "a deploy file is taken for another, and gets the wrong check; a dry run doubts its plan",
        "2fc7e421b0c82f42d6dfa09a9807dd8325b02d7fac65dbf8c4ef1f155ef4ba53",
    ),
    Patch(
        "pyinfra_cli.cli",
        "make_inventory",
        "replaced: an error in the inventory or in group_data is one line with its place",
        "a traceback, or a file that isn't there taken for the name of a host",
        "90cfda6b5a4363bbb737a3d1be36f336e539225642688eea014f75568652b916",
    ),
    Patch(
        "pyinfra_cli.inventory",
        "make_inventory_from_files",
        "shadowed: the Inventory that it makes refuses a host that a list names twice",
        "the second entry's data replace the first's, in silence",
        "ca301530e48cc3e80e684db6792c134812dae124e027f96c36c244c9f67315a3",
    ),
    Patch(
        "pyinfra_cli.cli",
        "_get_inventory_pattern_matches",
        "replaced: a --limit that matches no host ends the run",
        "the run goes on without the hosts that a --limit misspells",
        "0446e54e2d6e3a808deb26b78f17b38efc95595c3566dd8de8f456d6434db21e",
    ),
    Patch(
        "pyinfra_cli.cli",
        "_do_confirm",
        "replaced: a run that changes nothing asks nothing, and one without a terminal says so",
        "history and status wait for Enter; a run without a terminal ends in a traceback",
        "dbc3fca6866c90abc9a8c7d4cea3dad7f07756961c7de5b669d4e564438d8a62",
    ),
    Patch(
        "pyinfra_cli.cli",
        "disconnect_all",
        "replaced: open deploys are reverted and the report is written, then the process ends",
        "an open deploy waits for the host's dead-man, a rollout has no report, a run ends later",
        "f4bbef640ddd00eec75083b48a27716d28ac7d827af028c0596844e561f818c4",
    ),
    Patch(
        "pyinfra_cli.cli",
        "cli.callback",
        "read: disconnect_all is called in its finally, while what ends the run is being raised",
        "a run that left a deploy open ends with code 0",
        "2b99e4aeb78cadcfce00189c965629c8d281643cf380adc86148d1c2938b0f59",
    ),
    Patch(
        "pyinfra_cli.util",
        "exec_file",
        "read: its frame in a traceback, by its name and its local variable filename",
        "messages about an inventory or group_data lose file and line",
        "c99a7606d563b36007a5efa5bab45a9964d960ffcb89d03eff2dd56093e4710e",
    ),
    Patch(
        "click.termui",
        "style",
        "replaced: its colours carry a number that no host can know; all others are text",
        "colours of a host reach the terminal, or those of pyinfra don't",
        "5867f7172600d38664f71fbc8e822035a4f35c8a971cf70547b3cfe17aa836ae",
    ),
    # The state of a run.
    Patch(
        "pyinfra.api.state",
        "State.init",
        "replaced on the one state: hosts are checked when they are known and none is connected;"
        " read: its ops, failed_hosts, active_hosts and activated_hosts",
        "each host reports an error after all are connected; changes aren't counted",
        "0d730bb453f36c10463473bd6ec0226f4815aa25581eb806b5cbc799e7327d36",
        ("ops", "op_meta", "failed_hosts", "active_hosts", "activated_hosts"),
    ),
    Patch(
        "pyinfra.api.state",
        "State.should_check_for_changes",
        "its check_for_changes is set: a dry run with -y has its plan all the same",
        "a dry run with -y shows nothing",
        "b0542c5495f1bd53e3311fb4bf7e880914768f8cd108518788ba428ac666daa2",
        ("check_for_changes",),
    ),
    Patch(
        "pyinfra.api.state",
        "State.fail_hosts",
        "copied: a host is left out without the question whether to go on; its"
        " should_raise_failed_hosts is replaced, so that a failed connection asks nothing",
        "a host that can't be reached ends the run of the others, or asks at a terminal",
        "ec460c726cb5f1ac58b0d4f4b6ace444c3052556fa3fedfa6e0ee119ae484c42",
        ("should_raise_failed_hosts",),
    ),
    Patch(
        "pyinfra.api.state",
        "StateOperationHostData",
        "read: operation_meta and global_arguments of each operation of a host",
        "the plan doesn't name operations of the user's own; a failure may be ignored",
        "26e828cbcf79c5c4e95a114b36d5b2ad5629ccdbb34b04fb83f5572512007901",
        ("operation_meta",),
    ),
    Patch(
        "pyinfra.api.operation",
        "OperationMeta",
        "read: whether an operation was executed, and whether it will change something",
        "hosts are probed before each phase, or not again after a change",
        "1391e238e8a9b75134b4831b8c66bc84b660dd0e9c8d646c1b610bb4e897d648",
        ("will_change",),
    ),
    Patch(
        "pyinfra.api.operation",
        "_wrap_operation",
        "read: it sets current_op_hash and current_op_global_arguments, and takes the two functions"
        " that are replaced in its module by their names there",
        "a probe runs without the sudo of its phase",
        "8195e098a9c6a0b359e76364e6e6faced77ae9f94a2551882e48809626b4bedb",
        ("current_op_hash", "current_op_global_arguments"),
    ),
    Patch(
        "pyinfra.api.state",
        "StateOperationMeta",
        "read: its names",
        "the plan and a revert can't name an operation",
        "49bc3c5bfc41ebfee4b0ab0b12c1462569bad23dae256ed0a502f0ff53729304",
    ),
    # A command and its output.
    Patch(
        "pyinfra.api.arguments",
        "CONNECTOR_ARGUMENT_KEYS",
        "read: which arguments of an operation say how a command is run",
        "a probe, and homeport's program on the host, run without the sudo of the deploy",
        "212d272ea26a058ea317695a660a8e67354f91f6c61bc5d39839b0d0478552bc",
    ),
    Patch(
        "pyinfra.api.command",
        "StringCommand",
        "inherited: execute adds an explanation to a failure; its bits and its separator are read",
        "a full disk or a sudo that asks for a password is shown without its fix",
        "33cf0bd1e34c3b28d99ccefa3207b49b8c88526cc4ab8932c10458179296aacb",
        ("bits", "separator"),
    ),
    Patch(
        "pyinfra.connectors.util",
        "CommandOutput",
        "read: the lines of standard output and standard error; a line is added to a failure",
        "no answer of a host can be read",
        "f5a53a46d70fdcdbe9facaaecbf881b4f58a04103cbabdc08fdaf9c9cfb7f5f9",
        ("combined_lines",),
    ),
    Patch(
        "pyinfra.connectors.util",
        "OutputLine",
        "made: the line that is added, and the output of a login that can't become root",
        "as with StringCommand",
        "238267669db59e15f4aff20874a9c2a14e52d38cb41a9ba64ddce745940cf640",
    ),
    Patch(
        "pyinfra.api.util",
        "print_host_combined_output",
        "replaced in two modules: a bar stands before what a host printed of a failure",
        "what a host prints passes for a line of ours; a short secret may stand in it",
        "0f8f6b46d94048cdfa5537cc0e972de8ccb27e98a887a034118ca0788e499ec4",
    ),
    # What is worked out anew for each operation on each host.
    Patch(
        "pyinfra.api.util",
        "get_operation_order_from_stack",
        "replaced in pyinfra.api.operation: the same list without reading each frame's source",
        "most of the time of a run on many hosts; a wrong order if its meaning changes",
        "f4807f61585570e091fd453c7552d9e2b49329555f07f395a8e8f1d2a398a0b2",
    ),
    Patch(
        "pyinfra.api.arguments",
        "pop_global_arguments",
        "replaced in pyinfra.api.operation: it is given a host whose data are merged once",
        "time on many hosts; wrong arguments if it reads more than data, current_deploy_kwargs",
        "a12a311539ff5068152b1c9c4578d77a8a893239a570f912768050a623069faf",
        ("current_deploy_kwargs",),
    ),
    Patch(
        "pyinfra.api.arguments",
        "all_global_arguments",
        "replaced: its answer is kept",
        "time on many hosts",
        "f7afbc472d78c5d2f0bb282994175647651e888543da001968d903cc4a26a5a1",
    ),
    Patch(
        "pyinfra.progress",
        "progress_spinner",
        "replaced in three modules: a set that names few of the hosts it waits for",
        "time on many hosts: a line of all names is made each time one is done",
        "7f0edaf2c656bef727c20da2ed42371dc34378241e49466d7a462afdb6da1a1d",
    ),
    # The connection: it stands in homeport/ssh and homeport/openssh.
    Patch(
        "pyinfra.api.host",
        "Host.connect",
        "connector.connect is replaced on each host: early connections, and errors that say why."
        " host_connect_error can't: it is called after pyinfra has printed its own text, and only"
        " for a ConnectError",
        "connections wait for descriptions; an error that pyinfra doesn't know ends all hosts",
        "656aa272b4caa9308481a07a84673fb37926fbb7e60cd6649ff23f7dcd7bda9f",
    ),
    Patch(
        "pyinfra.connectors.ssh",
        "SSHConnector",
        "told from other connectors: its hosts are connected to early, and log in anew by OpenSSH",
        "such a host is connected to late, and its errors are pyinfra's",
        "a64eccc4e0d032d8087238237b05d44b477228970d07f1c04ebd19c35ca14aa3",
    ),
    Patch(
        "pyinfra.connectors.util",
        "make_unix_command",
        "called: a command as its arguments say, by sudo or in another directory",
        "over @openssh no command runs as its operation asks",
        "68efd9b832857acc4f9c21d8a629ec3b8eebc3ee811cf4578e105619d9a31ee0",
    ),
    Patch(
        "pyinfra.connectors.util",
        "extract_control_arguments",
        "called: what is for the connector, and not for the command",
        "over @openssh a command has no limit, no input and no terminal of its own",
        "752c47bbdee9bbcace597ceeac4de05a4187bc79e77cdcb637f8aebb7f4656bf",
    ),
    Patch(
        "pyinfra.connectors.util",
        "make_unix_command_for_host",
        "called: a command as its arguments say, in another directory or as another user",
        "over @openssh no command runs as its operation asks",
        "524b0f3bc27f73abf49a4a7d1dbcbca0e946fb19ff12590977a61a0e3640ddc1",
    ),
    Patch(
        "pyinfra.connectors.util",
        "write_stdin",
        "shadowed: a list whose iterator makes its lines while they are sent",
        "a release is in memory a second time, and a password in a printed list",
        "9df59a967f9eab816cedde003424a8f285444f2a494a1ed3413f8f5ed6adf83d",
    ),
    Patch(
        "pyinfra.progress",
        "_print_spinner",
        "held while ssh asks the user: it reads IS_TTY when it begins, and WAIT_TIME each time",
        "the line of progress is written over a question",
        "9de5ab92983dfef1c6d7cd8b07569bdc832a7a03102aa1277170155d329f31df",
        ("IS_TTY", "WAIT_TIME"),
    ),
    # CPython.
    Patch(
        "atexit",
        "_run_exitfuncs",
        "read: what is due at exit is done before the process ends at once",
        "as with disconnect_all: a run ends later",
        IN_C,
    ),
    Patch("os", "_exit", "read: the process ends without taking its memory apart", "time", IN_C),
    Patch("sys", "_getframe", "read: the stack of the operation being called", "time", IN_C),
)
