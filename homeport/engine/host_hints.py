"""Hints: what a host prints when something is amiss with itself, and how to fix that.

What an application prints says nothing of its host: an errno that reads like a broken disk may come
of a sandbox, or of a limit of the kernel. Our programs indent what they repeat of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pyinfra.api.command import PyinfraCommand

from homeport.pyinfra_adapter.commands import explained

UNANSWERED = "sudo: a password is required"
HINTS: tuple[tuple[str, str, str], ...] = (
    (
        "sudo: (command )?(not found|No such file|Permission denied)",
        "it has no sudo",
        "log in there as root and run `apt-get install sudo`, or set ssh_user to root and _sudo to "
        "False",
    ),
    (
        "is not in the sudoers file|may not run sudo",
        "its sudo lets this account run nothing",
        "as root there, run `usermod -aG sudo ACCOUNT`, and log in as that account again",
    ),
    (
        f"{UNANSWERED}|a terminal is required|interactive authentication"
        "|sudo: no password was provided|incorrect password",
        "its sudo asks for a password, and there is no terminal to type it on",
        "deploy where you can type it, or, as root there, run `echo 'ACCOUNT ALL=(ALL) NOPASSWD: "
        "ALL' > /etc/sudoers.d/ACCOUNT`",
    ),
    (
        "No space left on device|Disk quota exceeded",
        "its disk is full",
        "make room there: `df -h; df -i; du -xh / | sort -h | tail -n 30` shows where it went",
    ),
    (
        "Read-only file system",
        "its file system is read-only",
        "see why with `dmesg | tail`, then run `mount -o remount,rw /` or reboot: an SD card that "
        "fails is put into this state",
    ),
)
"""A symptom in the host's words, what it means, and the fix."""

REPEATED = "  "
"""How a line begins that one of our programs repeats: an application wrote it."""
OFF = "under disable_hardening: of that command in app.yml"
SANDBOX: tuple[tuple[str, str, str], ...] = (
    (
        r"\[Errno 30\]|\bEROFS\b"
        r"|\bOperationalError: (?:unable to open database file|attempt to write a readonly)",
        "the release is read-only for it",
        "have it write to $STATE_DIRECTORY, its data directory",
    ),
    (
        r"\.lgd-nfy",
        "lgpio writes where it starts, which is read-only",
        "set LG_WD: /tmp below environment: in app.yml",
    ),
    (
        r"\[Errno 2\].*'/proc/",
        "its sandbox hides all of /proc but processes",
        f"name ProcSubset {OFF}",
    ),
    (
        r"\[Errno (?:2|13)\].*'/(?:home|root)/",
        "its sandbox hides the homes of people",
        f"have it use $STATE_DIRECTORY, its data directory, or name ProtectHome {OFF}",
    ),
    (
        r"\[Errno 97\]|Address family not supported by protocol",
        "its sandbox has the address families AF_UNIX, AF_INET and AF_INET6 alone, and no netlink",
        f"name RestrictAddressFamilies {OFF}",
    ),
    (
        r"\[Errno 2\].*'/dev/",
        "its sandbox hides devices",
        f"name PrivateDevices and DevicePolicy {OFF}",
    ),
    (
        r"\[Errno 13\].*'?/dev/",
        "its account may not open that device",
        "as root there, add it to the group that `ls -l` shows of the device: `usermod -aG GROUP "
        "APP`",
    ),
    (
        r"\bPermissionError: \[Errno 1\]",
        "its sandbox refuses a system call",
        f"name MemoryDenyWriteExecute {OFF} if it makes machine code as it runs (numba, LuaJIT, "
        "some callbacks of cffi), SystemCallFilter if not",
    ),
)
"""What an application raised, what of its sandbox that means, and the fix."""
RAISED = re.compile(r"\b\w*(?:Error|Exception)\b: |Address family not supported by protocol")


def explain(lines: Sequence[str]) -> str | None:
    """Return what the lines mean and how to fix it, None if that isn't known."""
    text = "\n".join(line for line in lines if not line.startswith(REPEATED))
    for symptom, what, how in HINTS:
        if re.search(symptom, text, re.IGNORECASE):
            return f"{what}. Fix: {how}."
    raised = [line for line in lines if line.startswith(REPEATED) and RAISED.search(line)]
    # Of several errors the last one is what ended it.
    last = "".join(raised[-1:])
    found = (f"{what}. Fix: {how}." for sign, what, how in SANDBOX if re.search(sign, last))
    return next(found, None)


def hinting(command: str | PyinfraCommand, note: Callable[[Sequence[str]], None]) -> PyinfraCommand:
    """Return the same command, but where it fails its last line says how to fix that.

    + note: called with the lines of a failure
    """

    def noted(lines: Sequence[str]) -> str | None:
        note(lines)
        return explain(lines)

    return explained(command, noted)
