"""Which line of the user's own Python is to blame for what pyinfra raised when it loaded it."""

from __future__ import annotations

from pathlib import Path

from homeport.errors import UserError

GROUPS = 'write each group as a list of hosts: pi = ["pi.local", ("b.local", {"ssh_user": "pi"})]'


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
