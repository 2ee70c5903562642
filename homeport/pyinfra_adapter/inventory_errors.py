"""The inventory and group_data: loaded by pyinfra, and what is wrong with them said in one line.

pyinfra shows a traceback for a file that raises, takes a file that isn't there for the name of a
host, and goes on without the hosts that a ``--limit`` misspells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatch
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory

from homeport.errors import UserError, exit_on_user_error
from homeport.pyinfra_adapter.data_source import line_of_second

FOLDER = Path("inventories")
GROUPS = 'write each group as a list of hosts: pi = ["pi.local", ("b.local", {"ssh_user": "pi"})]'
Make = Callable[..., Inventory]


def install_inventory_checks(*, asks: bool = True) -> None:
    """Make an error in the inventory, in group_data or in --limit end the run with one line.

    To be called before pyinfra loads the inventory.

    + asks: pyinfra asks its questions; a run that changes nothing has none to ask
    """
    # By name: it changes the world when it is imported, and pyinfra has done so by now.
    cli: Any = import_module("pyinfra_cli.cli")
    files: Any = import_module("pyinfra_cli.inventory")
    make: Make = cli.make_inventory
    confirm: Callable[[str], bool] = cli._do_confirm
    files.Inventory = UniqueHostsInventory
    cli.make_inventory = exit_on_user_error(partial(load, make))
    cli._get_inventory_pattern_matches = exit_on_user_error(chosen)
    cli._do_confirm = exit_on_user_error(partial(answered, confirm)) if asks else _agreed


class UniqueHostsInventory(Inventory):
    """An inventory that has each host once in every list."""

    def __init__(self, names_data: Any, override_data: Any = None, **groups: Any) -> None:
        for group, (hosts, _) in {**groups, "all": names_data}.items():
            names = [host[0] if isinstance(host, tuple) else host for host in hosts]
            for name, count in Counter(names).items():
                if count > 1:
                    raise DuplicateHost(name, group)
        super().__init__(names_data, override_data, **groups)  # type: ignore[no-untyped-call] # pyinfra's


class DuplicateHost(Exception):  # noqa: N818 - what a host is in a list
    """A host stands twice in one list of the inventory."""

    def __init__(self, host: str, group: str) -> None:
        self.host, self.group = host, group
        super().__init__(f"{host} is listed twice")


def load(make: Make, inventory: str, *args: Any, **kwargs: Any) -> Inventory:
    """Return the inventory that ``make`` loads; raises ``UserError`` if it can't, or has no
    host."""
    path = Path(inventory)
    if _is_a_path(inventory) and not path.exists():
        raise UserError("there is no such inventory", fix=_one_of(inventory), file=inventory)
    try:
        found = make(inventory, *args, **kwargs)
    except DuplicateHost as twice:
        line = line_of_second(path, twice.group, twice.host)
        fix = "keep one of the two"
        raise UserError(str(twice), fix=fix, key=twice.group, file=inventory, line=line) from None
    except Exception as error:
        raise blame(error, path) from None
    if len(found):
        return found
    if path.is_file():
        fix = 'name hosts in a list, such as pi = ["pi.local"]'
        raise UserError("there is no host in it", fix=fix, file=inventory)
    what = f"{inventory} is not an inventory, and no host has that name"
    raise UserError(what, fix=_one_of(inventory))


def blame(error: Exception, inventory: Path) -> UserError:
    """Return what is wrong with the inventory, or with the group_data that belongs to it."""
    raised: BaseException = getattr(error, "exception", error)
    if isinstance(raised, UserError):
        return raised
    file, line = _executed(raised, error)
    text = " ".join(str(raised).split())[:200]
    if isinstance(raised, SyntaxError):
        what, file, line = f"this is not Python: {raised.msg}", _file(raised, file), raised.lineno
        return UserError(what, fix="correct this line", file=file, line=line)
    if isinstance(raised, UnicodeDecodeError) and line is None:
        line = raised.object.count(b"\n", 0, raised.start) + 1
        fix = "save the file as UTF-8"
        return UserError("this line is not UTF-8", fix=fix, file=file, line=line)
    if isinstance(raised, OSError) and line is None:
        what = f"it can't be read ({raised.strerror or text})"
        return UserError(what, fix="make it a file with Python in it", file=file or inventory)
    if line is None:
        what = f"pyinfra can't make hosts of it ({type(raised).__name__}: {text})"
        return UserError(what, fix=GROUPS, file=file or inventory)
    what = f"it raises {type(raised).__name__}{f': {text}' if text else ''}"
    return UserError(what, fix="correct what this line does", file=file, line=line)


def _executed(raised: BaseException, error: Exception) -> tuple[Path | None, int | None]:
    """Return the file that pyinfra was executing, and the line of it that was reached."""
    file: str | None = None
    line = None
    trace = raised.__traceback__ or error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_name == "exec_file":
            file, line = str(trace.tb_frame.f_locals["filename"]), None
        elif code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return (Path(file) if file else None), line


def _file(error: SyntaxError, executed: Path | None) -> Path | None:
    return Path(error.filename) if error.filename else executed


def chosen(inventory: Inventory, patterns: Iterable[str], option: str) -> list[Host]:
    """Return the hosts that patterns match; raises ``UserError`` for one that matches none."""
    hosts: dict[Host, None] = {}
    for pattern in patterns:
        found = [
            host
            for host in inventory
            if fnmatch(host.name, pattern) or pattern in (*host.groups, "all")
        ]
        if not found:
            known = [host.name for host in inventory]
            near = get_close_matches(pattern, [*known, *inventory.groups], 1, 0.7) or known
            fix = f"name one of: {', '.join(near[:10])}"
            raise UserError(f"{option} {pattern} matches no host", fix=fix)
        hosts |= dict.fromkeys(found)
    return list(hosts)


def answered(confirm: Callable[[str], bool], question: str) -> bool:
    """Return the user's answer; raises ``UserError`` if there is no terminal to ask on."""
    try:
        return confirm(question)
    except EOFError:
        fix = "run it with -y to change hosts without a question, or with --dry to change nothing"
        raise UserError("no terminal to confirm on", fix=fix) from None


def _agreed(question: str) -> bool:
    return True


def _is_a_path(inventory: str) -> bool:
    return "@" not in inventory and (inventory.endswith(".py") or "/" in inventory)


def _one_of(wrong: str) -> str:
    known: Sequence[str] = sorted(str(file) for file in FOLDER.glob("*.py"))
    near = get_close_matches(wrong, known, 1, 0.7) or known
    return f"name one of: {', '.join(near)}" if near else "write one, such as inventories/pi.py"
