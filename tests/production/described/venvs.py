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
SETTINGS = {"home", "implementation", "uv", "version_info", "relocatable"}
SETTINGS |= {"include-system-site-packages"}
OF_UV = ("activate", "deactivate", "pydoc", "python")
"""How programs begin that no wheel brings, and no unit starts by their text."""
# importlib.metadata and site would say the same, and take longer to load than all of this.
TELL = r"""
import os, sys
version = f"{sys.version_info[0]}.{sys.version_info[1]}"
site = f"lib/python{version}/site-packages"
print("python", version, sep="\t")
lines = open("pyvenv.cfg") if os.path.exists("pyvenv.cfg") else []
parts = [line.partition("=") for line in lines if line.strip()]
settings = {key.strip().lower(): value.strip() for key, _, value in parts}
for key, value in settings.items():
    print("setting", key, value, sep="\t")
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
        elif name == "RECORD" and folder.endswith(".dist-info"):
            rows = (line.split(",") for line in open(path) if line.startswith("../../../bin/"))
            for row in rows:
                print("made", row[0].rpartition("/")[2], row[1], sep="\t")
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
  find . ! -type l '(' ! -user "$(id -un)" -o -perm /022 ')' -printf 'loose\\t%p\\t%m %u\\n'
  if [ "$(id -u)" = 0 ]; then
    find . ! -type l ! -perm -004 -printf 'closed\\t%p\\t%m %u\\n'
  fi
  for link in bin/* lib64; do
    if [ -L "$link" ]; then printf 'link\\t%s\\t%s\\n' "$link" "$(readlink -f "$link")"; fi
  done
  find bin -maxdepth 1 -type f -exec sha256sum -- {{}} + | sed 's/^/program\\t/'
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
        if what == "loose":
            wrong.append(f"others may write {fields[0]}: it has {fields[1]}")
        if what == "closed":
            wrong.append(f"the service user can't read {fields[0]}: it has {fields[1]}")
    wrong += _settings(venv, lines) + _links(venv, lines) + _programs(lines)
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


def _settings(venv: Venv, lines: list[list[str]]) -> list[str]:
    found = {line[1]: line[2] for line in lines if line[0] == "setting"}
    wrong = [f"pyvenv.cfg has {key}" for key in sorted(found.keys() - SETTINGS)]
    real = next((line[2] for line in lines if line[0] == "interpreter"), "")
    homes = {str(Path(python).parent) for python in (venv.interpreter, real)}
    return wrong if found.get("home") in homes else [*wrong, f"its home is {found.get('home')}"]


def _links(venv: Venv, lines: list[list[str]]) -> list[str]:
    real = next((line[2] for line in lines if line[0] == "interpreter"), "")
    found = {line[1]: line[2] for line in lines if line[0] == "link"}
    wanted = {f"bin/python{version}": real for version in ("", "3", venv.target.python)}
    if "lib64" in found:
        wanted["lib64"] = f"{venv.path}/lib"
    return [
        f"{name} is a link to {found.get(name, 'nothing')}"
        for name in sorted(found.keys() | wanted.keys())
        if found.get(name) != wanted.get(name)
    ]


def _programs(lines: list[list[str]]) -> list[str]:
    made = {line[1]: line[2] for line in lines if line[0] == "made"}
    rows = (line[1].partition("  ") for line in lines if line[0] == "program")
    found = {path.removeprefix("bin/"): f"sha256={_base64(digest)}" for digest, _, path in rows}
    found = {name: digest for name, digest in found.items() if not name.startswith(OF_UV)}
    return [
        f"bin/{name} is not as it was made"
        for name in sorted(made.keys() | found.keys())
        if made.get(name) != found.get(name)
    ]


def _base64(digest: str) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(digest)).decode().rstrip("=")


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
