"""Virtual environments: a Python that runs, and the files of the locked wheels to the byte."""

from __future__ import annotations

import base64
import zipfile
from functools import cache
from itertools import takewhile
from pathlib import Path
from shlex import quote

from packaging.utils import canonicalize_name

from homeport.engine.kind import DesiredState
from homeport.operations.venvs.resources import Venv

MACHINES = {"amd64": 62, "arm64": 183}
"""What the header of a compiled module says (e_machine of ELF)."""
MADE = {"INSTALLER", "REQUESTED", "RECORD", "direct_url.json", "uv_cache.json"}
"""Files of a .dist-info that no wheel brings."""
# importlib.metadata and site would say the same, and take longer to load than all of this.
TELL = r"""
import os, sys
version = f"{sys.version_info[0]}.{sys.version_info[1]}"
site = f"lib/python{version}/site-packages"
print("python", version, sep="\t")
lines = open("pyvenv.cfg") if os.path.exists("pyvenv.cfg") else []
parts = (line.partition("=") for line in lines)
settings = {key.strip().lower(): value.strip() for key, _, value in parts}
print("system packages", settings.get("include-system-site-packages", "not kept out"), sep="\t")
for folder, folders, names in os.walk(site):
    for name in names + [name for name in folders if os.path.islink(os.path.join(folder, name))]:
        path = os.path.join(folder, name)
        if name == "METADATA" and folder.endswith(".dist-info") and os.path.dirname(folder) == site:
            fields = {}
            for line in open(path, encoding="utf-8"):
                key, _, value = line.rstrip().partition(": ")
                fields.setdefault(key, value)
            print("package", fields["Name"], fields["Version"], sep="\t")
        elif name.endswith(".so"):
            print("module", path, open(path, "rb").read(20)[18], sep="\t")
        elif os.path.islink(path) or not os.path.isfile(path):
            print("odd", os.path.relpath(path, site), sep="\t")
"""


def question(description: DesiredState) -> str:
    """Return the shell that tells of each venv, by the Python that it was made of, and its files.

    Its own Python would start with the code of its wheels, as root.
    """
    parts = [
        f"""\
printf 'venv\\t%s\\n' {quote(venv.path)}
if [ -e {quote(venv.path)} ]; then
  cd {quote(venv.path)}
  if [ -x bin/python ]; then
    {quote(venv.interpreter)} -I -S -B -c {quote(TELL)} || echo dead
  else
    echo dead
  fi
  real=$(readlink -f {quote(venv.interpreter)} || :)
  printf 'interpreter\\t%s\\t%s\\n' "$(readlink -f bin/python || :)" "$real"
  cd lib/python*/site-packages
  find . -type f ! -name '*.pyc' -exec sha256sum -- {{}} +
fi
"""
        for venv in description.of(Venv)
    ]
    return "".join(parts) or ":"


def faults(venv: Venv, answer: str) -> list[str]:
    """Return what is wrong with a venv."""
    _, _, after = f"\n{answer}\n".partition(f"\nvenv\t{venv.path}\n")
    about = list(takewhile(lambda line: not line.startswith("venv\t"), after.splitlines()))
    if not about:
        return ["it is not there"]
    lines = [line.split("\t") for line in about]
    if ["dead"] in lines:
        return ["its Python does not run"]
    wrong = []
    wrong += [
        f"its Python is {version}, not {venv.target.python}"
        for what, version, *_ in (line for line in lines if line[0] == "python")
        if version != venv.target.python
    ]
    for what, *fields in lines:
        if what == "interpreter" and fields[0] != fields[1]:
            wrong.append(f"its Python is {fields[0]}, not {fields[1]}")
        if what == "system packages" and fields[0] != "false":
            wrong.append(f"the system's packages are let in ({fields[0]})")
        if what == "odd":
            wrong.append(f"{fields[0]} is no file")
    wanted = {canonicalize_name(pin.name): pin.version for pin in venv.lock.requirements}
    packages = {canonicalize_name(line[1]): line[2] for line in lines if line[0] == "package"}
    for name in sorted(wanted.keys() | packages.keys()):
        has, should = packages.get(name, "missing"), wanted.get(name, "not in the lock")
        if has != should:
            wrong.append(f"{name} is {has}; the lock says {should}")
    for name, machine in (line[1:] for line in lines if line[0] == "module"):
        if int(machine) != MACHINES[venv.target.architecture]:
            wrong.append(f"{name} is not compiled for {venv.target.architecture}")
    sums = [line[0].partition("  ") for line in lines if len(line) == 1]
    return wrong + _content(venv, {path.removeprefix("./"): digest for digest, _, path in sums})


def _content(venv: Venv, found: dict[str, str]) -> list[str]:
    wanted: dict[str, str] = {}
    for wheel in venv.wheels():
        wanted |= record(wheel.path)
    wrong = [f"{path} is missing" for path in sorted(wanted.keys() - found.keys())]
    for path, digest in sorted(found.items()):
        if path in wanted:
            if digest != wanted[path]:
                wrong.append(f"{path} was changed")
        elif not (".dist-info/" in path and Path(path).name in MADE):
            wrong.append(f"{path} is from no wheel of the lock")
    return wrong


@cache
def record(wheel: Path) -> dict[str, str]:
    """Return the SHA-256 of every file that a wheel puts into site-packages, by its path."""
    with zipfile.ZipFile(wheel) as archive:
        # A package may carry others within it, each with a record of its own.
        records = (n for n in archive.namelist() if n.endswith(".dist-info/RECORD"))
        (name,) = (n for n in records if n.count("/") == 1)
        rows = archive.read(name).decode().splitlines()
    files = {}
    for path, digest, _ in (row.rsplit(",", 2) for row in rows):
        if digest and not path.split("/")[0].endswith(".data"):
            padded = digest.removeprefix("sha256=") + "="
            files[path] = base64.urlsafe_b64decode(padded).hex()
    return files
