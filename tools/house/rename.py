"""Rename what a table names, everywhere: ``python -m tools.house.rename tools/house/classes.py``.

Options: ``--lenient`` reports rows without a hit instead of failing (for another branch),
``--dry`` writes nothing, ``--root FOLDER`` works on another checkout.
"""

from __future__ import annotations

import argparse
import re
import runpy
import subprocess
import sys
import tokenize
from collections import Counter, defaultdict
from fnmatch import fnmatch
from io import BytesIO
from pathlib import Path
from typing import Any

from .program import Module, Program, Scope, Use

KEYWORD = re.compile(r"\((\w+)\)$")


class Table:
    """The rows of one table, and what each of them hit."""

    def __init__(self, file: Path) -> None:
        given = runpy.run_path(str(file))
        self.symbols: list[tuple[str, str]] = list(given.get("SYMBOLS", ()))
        self.names: list[tuple[str, ...]] = list(given.get("NAMES", ()))
        self.words: list[dict[str, Any]] = list(given.get("WORDS", ()))
        self.moves: dict[str, str] = dict(given.get("MOVES", {}))
        self.allowed: frozenset[str] = frozenset(given.get("ALLOWED", ()))
        self.hits: Counter[str] = Counter()


def moved() -> list[tuple[str, str]]:
    """Return the old and the new name of every module, by the table of the move if it is here."""
    table = Path(__file__).with_name("moves.py")
    if not table.exists():
        return []
    names = runpy.run_path(str(table))["FILES"]

    def module(path: str) -> str:
        return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    return [(module(old), module(new)) for old, new in names.items()]


class Symbols:
    """Says which symbol of a tree a row means: by its module of before, or after the move."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.known: set[str] = set()
        for module in program.modules.values():
            for use in module.uses:
                for symbol in use.symbol.split("|"):
                    self.known.add(symbol)
        self.moved: dict[str, list[str]] = defaultdict(list)
        for old, new in moved():
            self.moved[old].append(new)

    def resolve(self, row: str) -> list[str]:
        """Return the symbols that a row means; more than one is a mistake in the table."""
        module, _, rest = row.rpartition(":")
        if not module:
            return sorted(one for one in self.known if one.partition(":")[2] == rest)
        for candidate in (module, *self.moved[module]):
            for name in (candidate, f"homeport.{candidate}"):
                if f"{name}:{rest}" in self.known:
                    return [f"{name}:{rest}"]
        # It may have moved to where no table knows: then only one may have that name.
        alike = [one for one in self.known if one.partition(":")[2] == rest]
        return alike if len(alike) == 1 else []


class Renaming:
    """One run: what is replaced by what, and where."""

    def __init__(self, program: Program, table: Table) -> None:
        self.program, self.table = program, table
        self.symbols = Symbols(program)
        self.new: dict[str, str] = {}
        self.row_of: dict[str, str] = {}
        self.problems: list[str] = []
        self.missing: list[str] = []
        self.edits: dict[str, dict[int, tuple[str, str]]] = defaultdict(dict)

    def run(self) -> None:
        for row, new in self.table.symbols:
            found = self.symbols.resolve(row)
            if len(found) > 1:
                self.problems.append(f"{row}: means {', '.join(found)}")
            elif not found:
                self.missing.append(row)
            else:
                if self.new.get(found[0], new) != new:
                    self.problems.append(f"{row}: renamed twice")
                self.new[found[0]], self.row_of[found[0]] = new, row
        self.by_name()
        self.constructors()
        for module in self.program.modules.values():
            for use in module.uses:
                self.replace(use)
        for module in self.program.modules.values():
            for scope in module.scopes.values():
                self.collide(module, scope)
        self.members()

    def definitions(self) -> dict[str, str]:
        """Return the line of source in which each symbol stands first: it shows what it holds."""
        found: dict[str, str] = {}
        for module in self.program.modules.values():
            lines = module.text.decode().splitlines()
            first: dict[str, int] = {}
            for use in module.uses:
                first[use.symbol] = min(first.get(use.symbol, use.start), use.start)
            for symbol, start in first.items():
                found[symbol] = lines[module.text[:start].count(b"\n")]
        return found

    def by_name(self) -> None:
        """Rows of NAMES: parameters, locals or attributes of that name in files of a pattern.

        A row of the kind "line" means the locals and parameters on whose first line a regular
        expression is found: ``("line", old, new, expression, *globs)``.
        """
        lines = self.definitions() if any(row[0] == "line" for row in self.table.names) else {}
        for row in self.table.names:
            kind, old, new, *globs = row
            expression = re.compile(globs.pop(0)) if kind == "line" else None
            told = " ".join(row)
            for symbol in self.symbols.known:
                if symbol in self.new or symbol.startswith("?"):
                    continue
                module, _, rest = symbol.partition(":")
                held = self.program.modules.get(module)
                if held is None or not any(
                    fnmatch(held.path, glob) or fnmatch(module, glob) for glob in globs
                ):
                    continue
                is_local = bool(KEYWORD.search(rest))
                if (
                    expression is not None
                    and is_local
                    and rest.endswith(f"({old})")
                    and expression.search(lines.get(symbol, ""))
                ):
                    self.new[symbol], self.row_of[symbol] = new, told
                if kind == "local" and is_local and rest.endswith(f"({old})"):
                    self.new[symbol], self.row_of[symbol] = new, told
                if (
                    kind == "param"
                    and symbol in self.program.parameters
                    and rest.endswith(f"({old})")
                ):
                    self.new[symbol], self.row_of[symbol] = new, told
                if kind == "member" and not is_local and rest.endswith(f".{old}"):
                    self.new[symbol], self.row_of[symbol] = new, told
                if kind == "global" and rest == old:
                    self.new[symbol], self.row_of[symbol] = new, told

    def constructors(self) -> None:
        """A class that is renamed takes the symbols of its members with it: they stay."""

    def replacement(self, symbol: str) -> str | None:
        found = {self.new.get(one) for one in symbol.split("|")}
        if len(found) > 1:
            names = sorted(symbol.split("|"))
            self.problems.append(f"{' and '.join(names)}: one is renamed, the other isn't")
            return None
        return found.pop()

    def replace(self, use: Use) -> None:
        new = self.replacement(use.symbol)
        if use.symbol.startswith("?"):
            for row in self.table.names:
                if (
                    row[0] == "unknown"
                    and row[1] == use.name
                    and any(fnmatch(use.path, glob) for glob in row[3:])
                ):
                    self.edit(use, row[2], " ".join(row))
                    return
            return
        # A use under another name (an import "as") isn't spelled so.
        if new is None or not self.spelled(use):
            return
        self.edit(use, new, self.row_of[use.symbol.split("|")[0]])

    @staticmethod
    def spelled(use: Use) -> bool:
        rest = use.symbol.split("|")[0].partition(":")[2]
        match = KEYWORD.search(rest)
        return use.name == (match.group(1) if match else rest.rpartition(".")[2])

    def edit(self, use: Use, new: str, row: str) -> None:
        if use.start not in self.edits[use.path]:
            self.edits[use.path][use.start] = (use.name, new)
            self.table.hits[row] += 1

    # What would be called alike afterwards

    def after(self, module: Module, name: str, symbol: str) -> str:
        if symbol.startswith("import "):
            _, of, what = symbol.split(" ")
            found = self.program.export(of, what)
            return self.new.get(found, name) if found and what == name else name
        return self.new.get(symbol, name)

    def collide(self, module: Module, scope: Scope) -> None:
        seen: dict[str, str] = {}
        for name, symbol in scope.bindings.items():
            after = self.after(module, name, symbol)
            if after in seen and (after != name or seen[after] != after):
                self.problems.append(
                    f"{module.path}: {scope.prefix} {seen[after]} and {name} are both {after}"
                )
            seen[after] = name
        renamed = {
            self.after(module, name, symbol): name
            for name, symbol in scope.bindings.items()
            if self.after(module, name, symbol) != name
        }
        if scope.kind == "class":
            return
        for inner in below(scope):
            for use in inner.uses:
                after = self.new.get(use.symbol, use.name)
                is_attribute = module.text[use.start - 1 : use.start] == b"."
                if (
                    after in renamed
                    and use.name != renamed[after]
                    and not is_attribute
                    and self.is_name(module, use)
                    and after not in inner.bindings
                ):
                    self.problems.append(
                        f"{module.path}: {scope.prefix} {renamed[after]} -> {after} hides"
                        f" {use.name} ({use.symbol})"
                    )
            if inner is not scope:
                taken = {
                    self.after(module, name, symbol) for name, symbol in inner.bindings.items()
                }
                for use in inner.uses:
                    new = self.new.get(use.symbol)
                    if (
                        new
                        and new in taken
                        and new in renamed
                        and use.name == renamed[new]
                        and self.is_name(module, use)
                        and use.name not in inner.bindings
                    ):
                        self.problems.append(
                            f"{module.path}: {inner.prefix} has a {new} of its"
                            f" own, and uses {use.name}"
                        )

    @staticmethod
    def is_name(module: Module, use: Use) -> bool:
        """Return whether a use is a name by itself: no attribute, no keyword argument."""
        before = module.text[max(0, use.start - 1) : use.start]
        after = module.text[use.start + len(use.name.encode()) :][:3].lstrip()
        is_keyword = (
            after[:1] == b"="
            and after[1:2] != b"="
            and (
                use.symbol.split("|")[0].partition(":")[2].count("(") > 0
                or use.symbol.startswith("?")
            )
            and module.text[use.start - 2 : use.start] not in (b"\n",)
        )
        return before != b"." and not is_keyword

    def members(self) -> None:
        for full, info in self.program.infos.items():
            if info.module_name not in self.program.modules:
                continue
            del full
            seen: dict[str, str] = {}
            for name in info.names:
                symbol = self.program.member(info, name)
                after = self.new.get(symbol, name) if symbol else name
                if after in seen:
                    self.problems.append(f"{info.fullname}: {seen[after]} and {name} are {after}")
                seen[after] = name


def below(scope: Scope) -> list[Scope]:
    """Return a scope and all inside it."""
    return [scope, *(inner for child in scope.children for inner in below(child))]


def documented(program: Program, renaming: Renaming) -> dict[str, str]:
    """Return the names that prose in backticks may mean: those that only one thing has."""
    bare: dict[str, set[str]] = defaultdict(set)
    for symbol in renaming.symbols.known:
        rest = symbol.partition(":")[2]
        if rest and not KEYWORD.search(rest):
            bare[rest.rpartition(".")[2]].add(symbol)
    found = {}
    for symbol, new in renaming.new.items():
        old = symbol.partition(":")[2].rpartition(".")[2]
        if KEYWORD.search(symbol) or len(bare[old]) != 1:
            continue
        if old[:1].isupper() or "_" in old.strip("_"):
            found[old] = new
    return found


def write(program: Program, renaming: Renaming, dry: bool) -> list[str]:
    """Apply the edits, and the same names in backticks in comments, docstrings and documents."""
    changed = []
    prose = documented(program, renaming)
    for module in program.modules.values():
        text = bytearray(module.text)
        for start, (old, new) in sorted(renaming.edits[module.path].items(), reverse=True):
            text[start : start + len(old.encode())] = new.encode()
        made = in_backticks(embedded(program, renaming, bytes(text).decode()), prose).encode()
        if made != module.text:
            changed.append(module.path)
            if not dry:
                (program.root / module.path).write_bytes(made)
    listed = subprocess.run(
        ["git", "ls-files", "*.md"], cwd=program.root, check=True, capture_output=True, text=True
    ).stdout.split()
    for path in listed:
        before = (program.root / path).read_text()
        made_text = FENCE.sub(
            lambda block: in_program(program, renaming, block.group()), in_backticks(before, prose)
        )
        if made_text != before:
            changed.append(path)
            if not dry:
                (program.root / path).write_text(made_text)
    return changed


IMPORT = re.compile(
    r"from (?P<of>[a-z][\w.]*) import "
    r"(?:(?P<names>\w+(?: as \w+)?(?:, \w+(?: as \w+)?)*)|\((?P<block>[\s\w,]+)\))"
)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def embedded(program: Program, renaming: Renaming, text: str) -> str:
    """Return a Python text with the names renamed that programs in its strings import."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    parts, at = [], 0
    for token in tokenize.tokenize(BytesIO(text.encode()).readline):
        if token.type == tokenize.STRING and " import " in token.string:
            start = starts[token.start[0] - 1] + token.start[1]
            end = starts[token.end[0] - 1] + token.end[1]
            parts += [text[at:start], in_program(program, renaming, token.string)]
            at = end
    return "".join([*parts, text[at:]])


def in_program(program: Program, renaming: Renaming, text: str) -> str:
    changes: list[tuple[str, str]] = []
    for match in IMPORT.finditer(text):
        listed = match["names"] or " ".join(match["block"].split())
        for name in filter(None, re.split(r",\s*", listed.strip())):
            name, _, other = name.partition(" as ")
            symbol = program.export(match["of"], name)
            if symbol is None:
                continue
            if symbol.endswith(":"):
                module = program.modules.get(symbol[:-1])
                for member, meant in (module.exports if module else {}).items():
                    if meant in renaming.new:
                        changes.append(
                            (
                                rf"\b{other or name}\.{member}\b",
                                f"{other or name}.{renaming.new[meant]}",
                            )
                        )
                        renaming.table.hits[renaming.row_of[meant]] += 1
            elif symbol in renaming.new:
                changes.append((rf"(?<![\w.]){name}\b", renaming.new[symbol]))
                renaming.table.hits[renaming.row_of[symbol]] += 1
    for old, new in changes:
        text = re.sub(old, new, text)
    return text


def in_backticks(text: str, names: dict[str, str]) -> str:
    """Return a text with the names renamed that stand between backticks, whole or dotted."""
    if not names:
        return text

    def renamed(match: re.Match[str]) -> str:
        return re.sub(
            r"(?<![\w/-])[A-Za-z_]\w*(?![\w/-])",
            lambda word: names.get(word.group(), word.group()),
            match.group(),
        )

    return re.sub(r"`[\w.:()]+`", renamed, text)


def words(root: Path, table: Table, dry: bool) -> list[str]:
    """Apply the rows of WORDS: regular expressions on parts of files.

    Each row has ``find``, ``put``, ``files`` (globs), and ``where``: "all" of a file, or in
    Python only "strings", "comments" or "prose" (both). ``skip`` has globs of files left alone.
    """
    changed = set()
    listed = subprocess.run(
        ["git", "ls-files"], cwd=root, check=True, capture_output=True, text=True
    ).stdout.split()
    for number, row in enumerate(table.words):
        pattern = re.compile(row["find"], re.MULTILINE)
        name = f"{number}: {row['find']} -> {row['put']}"
        table.hits[name] += 0
        for path in listed:
            if not any(fnmatch(path, glob) for glob in row["files"]) or any(
                fnmatch(path, glob) for glob in (*row.get("skip", ()), "tools/house/*")
            ):
                continue
            file = root / path
            if file.is_symlink() or not file.exists():
                continue
            try:
                before = file.read_text()
            except UnicodeDecodeError:
                continue
            if not pattern.search(before):
                continue
            where = row.get("where", "all")
            if where == "all" or not path.endswith(".py"):
                after, count = pattern.subn(row["put"], before)
            else:
                after, count = in_tokens(before, pattern, row["put"], where)
            table.hits[name] += count
            if after != before:
                changed.add(path)
                if not dry:
                    file.write_text(after)
    return sorted(changed)


def in_tokens(text: str, pattern: re.Pattern[str], put: Any, where: str) -> tuple[str, int]:
    """Return a Python text with a pattern replaced in its strings or comments, and how often."""
    wanted = {
        "strings": {tokenize.STRING},
        "comments": {tokenize.COMMENT},
        "prose": {tokenize.STRING, tokenize.COMMENT},
    }[where]
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    parts, at, count = [], 0, 0
    for token in tokenize.tokenize(BytesIO(text.encode()).readline):
        if token.type in wanted:
            start = starts[token.start[0] - 1] + token.start[1]
            end = starts[token.end[0] - 1] + token.end[1]
            made, hits = pattern.subn(put, text[start:end])
            parts += [text[at:start], made]
            at, count = end, count + hits
    return "".join([*parts, text[at:]]), count


def move(root: Path, table: Table, changed: list[str]) -> list[str]:
    """Give files their new names; return the paths of those that changed as they are then."""
    for old, new in table.moves.items():
        if (root / old).exists():
            subprocess.run(["git", "mv", old, new], cwd=root, check=True)
    return [table.moves.get(path, path) for path in changed]


LONGEST = 100


def wrapped(text: str) -> str:
    """Return a Python text with those lines of comments and docstrings broken that are too long.

    What is left over begins the next line of the same paragraph, or a line of its own.
    """
    prose = set()
    for token in tokenize.tokenize(BytesIO(text.encode()).readline):
        is_comment = token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip()
        if is_comment or (
            token.type == tokenize.STRING
            and token.string.startswith('"""')
            and not token.line[: token.start[1]].strip()
        ):
            prose |= set(range(token.start[0], token.end[0] + 1))
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        line = lines[number]
        if len(line) <= LONGEST or number + 1 not in prose or "noqa" in line:
            number += 1
            continue
        lead = re.match(r"\s*(?:# ?)?", line)
        indent = lead.group() if lead else ""
        if line[len(indent) :].startswith("+ "):
            indent += "  "
        cut = line.rfind(" ", len(indent) + 1, LONGEST + 1)
        if cut <= len(indent):
            number += 1
            continue
        lines[number], rest = line[:cut].rstrip(), line[cut + 1 :]
        below = lines[number + 1] if number + 1 < len(lines) else ""
        is_same = (
            number + 2 in prose
            and below.startswith(indent.rstrip(" ") or indent)
            and below.strip() not in ("", "#", '"""')
            and re.match(r"\s*(?:# ?)?", below).group() == indent  # type: ignore[union-attr] # it always matches
            and not below[len(indent) :].startswith(("+ ", '"""'))
            and not rest.endswith('"""')
        )
        if is_same:
            lines[number + 1] = f"{indent}{rest} {below[len(indent) :]}"
        else:
            lines.insert(number + 1, indent + rest)
            prose = {each if each <= number + 1 else each + 1 for each in prose} | {number + 2}
        number += 1
    return "\n".join(lines) + "\n"


def tidy(root: Path, changed: list[str]) -> None:
    """Let ruff sort the imports and break the lines anew."""
    python = [path for path in changed if path.endswith(".py")]
    for words_ in (
        ["check", "-q", "--fix", "--select", "I,RUF022", *python],
        ["format", "-q", *python],
    ):
        subprocess.run(["ruff", *words_], cwd=root, check=False)
    for path in python:
        before = (root / path).read_text()
        if any(len(line) > LONGEST for line in before.splitlines()):
            (root / path).write_text(wrapped(before))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="+", type=Path)
    parser.add_argument("--root", type=Path, default=Path.cwd())
    parser.add_argument("--lenient", action="store_true")
    parser.add_argument("--dry", action="store_true")
    parser.add_argument("--uses", help="print every use of a name, and what it means")
    asked = parser.parse_args()
    root, bad = asked.root.resolve(), False
    for file in asked.tables:
        table = Table(file)
        changed: list[str] = []
        missing: list[str] = []
        if table.symbols or table.names or asked.uses:
            program = Program(root)
            renaming = Renaming(program, table)
            renaming.run()
            if asked.uses:
                for module in program.modules.values():
                    for use in module.uses:
                        if use.name == asked.uses:
                            line = module.text[: use.start].count(10) + 1
                            print(f"{use.path}:{line} {use.symbol}")
                return 0
            problems = sorted({*renaming.problems, *program.problems} - table.allowed)
            if problems:
                print(*problems, sep="\n")
                print(f"{file}: {len(problems)} problems; nothing was written")
                return 1
            missing = renaming.missing
            left = {one for row in table.symbols for one in (row[0].rpartition(".")[2],)}
            for name in sorted(left):
                for use in program.unknown.get(name, ()):
                    if use.start not in renaming.edits[use.path]:
                        line = (root / use.path).read_bytes()[: use.start].count(b"\n") + 1
                        print(f"  left alone, of unknown type: {use.path}:{line} {name}")
            changed += write(program, renaming, asked.dry)
        if table.words:
            changed += words(root, table, asked.dry)
        if not asked.dry:
            changed = move(root, table, changed)
        rows = [row for row, _ in table.symbols] + [" ".join(row) for row in table.names]
        missing += [row for row in [*rows, *table.hits] if not table.hits[row]]
        for row, count in table.hits.items():
            print(f"  {count:5} {row}")
        for row in dict.fromkeys(missing):
            print(f"  no hit: {row}")
        bad = bad or (bool(missing) and not asked.lenient)
        if not asked.dry:
            tidy(root, sorted(set(changed)))
        print(f"{file}: {sum(table.hits.values())} hits in {len(set(changed))} files")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
