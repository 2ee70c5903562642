"""Move every file to its place: ``python -m tools.house.move``, run on the commit before.

Each module keeps its syntax tree but for imports and for paths that stood as text; what of those
is written anew is printed, and the trees are compared at the end.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from functools import partial
from pathlib import Path, PurePosixPath

from tools.house.edits import EDITS, SCRIPTS
from tools.house.moves import FILES, FOLDERS, LINKS, PACKAGES, SINGLE

ROOT = Path.cwd()
LEFT_OUT = ("requirements.lock", "docs/performance.json", "tools/house/", "LICENSE")
TEXT = {
    ".py",
    ".md",
    ".j2",
    ".yml",
    ".toml",
    ".sh",
    ".service",
    ".html",
    ".json",
    ".txt",
    ".in",
    "",
}


def main() -> int:
    """Move, rewrite, compare; return the exit code."""
    tracked = _git("ls-files").splitlines()
    files = _all_moves(tracked)
    modules = _modules(tracked, files)
    before = {
        files.get(name, name): ast.parse((ROOT / name).read_text())
        for name in tracked
        if name.endswith(".py") and not name.startswith(LEFT_OUT)
    }
    sources = {files.get(name, name): name for name in tracked}
    for old, new in files.items():
        if old != new:
            (ROOT / new).parent.mkdir(parents=True, exist_ok=True)
            _git("mv", old, new)
    for folder, text in PACKAGES.items():
        init = ROOT / folder / "__init__.py"
        if not init.exists():
            init.write_text(f'"""{text}"""\n')
    for link, target in LINKS.items():
        (ROOT / link).symlink_to(target)
    texts = _text_rules(files, modules)
    for new, old in sources.items():
        path = ROOT / new
        if path.suffix not in TEXT or new.startswith(LEFT_OUT) or not path.is_file():
            continue
        text = path.read_text()
        if path.suffix == ".py":
            text = _imports(text, old, new, modules)
        text = _texts(text, new, texts, python=path.suffix == ".py")
        path.write_text(text)
    for file, edits in EDITS.items():
        path = ROOT / file
        text = path.read_text()
        for was, now in edits:
            if was not in text:
                print(f"move: {file} has no {was!r}", file=sys.stderr)
                return 1
            print(f"edit {file}: {was!r} -> {now!r}")
            text = text.replace(was, now)
        path.write_text(text)
    project = ROOT / "pyproject.toml"
    above = project.read_text().partition("[tool.importlinter]")[0]
    project.write_text(above + (ROOT / "tools/house/contracts.toml").read_text())
    _git("add", "-A", ".")
    for command in (
        ["check", "--quiet", "--fix", "--select", "I,F401", "."],
        ["format", "--quiet", "."],
    ):
        subprocess.run(["ruff", *command], cwd=ROOT, check=True)
    differs = _compare(before, texts)
    # The host program's files have other names: that is all that the golden record sees of it.
    subprocess.run([sys.executable, "-m", "tests.golden.record"], cwd=ROOT, check=True)
    _git("add", "-A", ".")
    return differs


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


def _all_moves(tracked: list[str]) -> dict[str, str]:
    found = {}
    for name in tracked:
        new = FILES.get(name) or SINGLE.get(name)
        if new is None:
            for old_folder, new_folder in FOLDERS.items():
                if name.startswith(f"{old_folder}/"):
                    new = new_folder + name.removeprefix(old_folder)
        if new is not None and new != name:
            found[name] = new
    missing = sorted({*FILES, *SINGLE} - set(tracked))
    if missing:
        sys.exit(f"move: not in the tree: {', '.join(missing)}")
    return found


def _modules(tracked: list[str], files: dict[str, str]) -> dict[str, str]:
    """Return the new dotted name of each old module whose name changes."""
    found = {}
    for name in tracked:
        if not name.endswith(".py") or name.startswith(LEFT_OUT):
            continue
        old, new = _dotted(name), _dotted(files.get(name, name))
        if new.partition(".")[0] == "operations":
            new = f"homeport.{new}"
        found[old] = new
    return found


def _dotted(path: str) -> str:
    parts = list(PurePosixPath(path).with_suffix("").parts)
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    return ".".join(parts)


def _imports(text: str, old: str, new: str, modules: dict[str, str]) -> str:
    lines = text.split("\n")
    tree = ast.parse(text)
    was, now = _dotted(old), modules.get(_dotted(old), _dotted(new))
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    for node in sorted(nodes, key=lambda node: -node.lineno):
        if isinstance(node, ast.Import):
            statements = _plain(node, modules)
        else:
            statements = _from(node, was, now, old, new, modules)
        if statements is None:
            continue
        indent = " " * node.col_offset
        last = node.end_lineno or node.lineno
        tail = lines[last - 1].encode()[node.end_col_offset or 0 :].decode()
        head = lines[node.lineno - 1][: node.col_offset]
        if head.strip():
            sys.exit(f"move: {old}:{node.lineno}: an import behind something else")
        block = [indent + statement for statement in statements]
        block[-1] += tail
        lines[node.lineno - 1 : last] = block
    return "\n".join(lines)


def _plain(node: ast.Import, modules: dict[str, str]) -> list[str] | None:
    if not any(modules.get(alias.name, alias.name) != alias.name for alias in node.names):
        return None
    found = []
    for alias in node.names:
        name = modules.get(alias.name, alias.name)
        if name == alias.name:
            found.append(f"import {name}" + (f" as {alias.asname}" if alias.asname else ""))
            continue
        parent, _, last = name.rpartition(".")
        bound = alias.asname or alias.name
        if "." in bound:
            # It binds its first part; what uses it is edited by hand.
            found.append(f"import {name}")
            continue
        as_ = "" if bound == last else f" as {bound}"
        found.append(f"from {parent} import {last}{as_}" if parent else f"import {last}{as_}")
    return found


def _from(
    node: ast.ImportFrom, was: str, now: str, old: str, new: str, modules: dict[str, str]
) -> list[str] | None:
    base = node.module or ""
    if node.level:
        package = was if old.endswith("__init__.py") else was.rpartition(".")[0]
        for _ in range(node.level - 1):
            package = package.rpartition(".")[0]
        base = f"{package}.{base}" if base else package
    known = base in modules or any(name.startswith(f"{base}.") for name in modules)
    if not known:
        return None
    groups: dict[str, list[str]] = defaultdict(list)
    for alias in node.names:
        bound = alias.asname or alias.name
        whole = f"{base}.{alias.name}"
        if whole in modules:
            parent, _, last = modules[whole].rpartition(".")
            as_ = f" as {bound}" if bound != last or alias.asname else ""
            groups[parent].append(f"{last}{as_}")
        else:
            as_ = f" as {alias.asname}" if alias.asname else ""
            groups[modules.get(base, base)].append(f"{alias.name}{as_}")
    found = []
    for module, names in groups.items():
        target = _relative(module, now, new) if node.level else module
        if not target:
            found += [f"import {name}" for name in names]
            continue
        found.append(f"from {target} import {', '.join(names)}")
    return found


def _relative(module: str, now: str, new: str) -> str:
    package = now if new.endswith("__init__.py") else now.rpartition(".")[0]
    dots = "."
    while module != package and not module.startswith(f"{package}."):
        package = package.rpartition(".")[0]
        dots += "."
    return dots + module.removeprefix(package).removeprefix(".")


Rules = list[tuple[re.Pattern[str], dict[str, str]]]


def _text_rules(files: dict[str, str], modules: dict[str, str]) -> Rules:
    """Return the patterns of paths that stand as text, and what each becomes."""
    paths = {old: new for old, new in files.items() if "/" in old}
    paths |= FOLDERS | {
        "homeport/release": "homeport/hostctl",
        "operations/drift": "operations/venvs",
        "benchmarks/release": "benchmarks/load",
    }
    dotted = {
        old: new
        for old, new in modules.items()
        if old != new and "." in old and not old.startswith(("tests.production", "lab."))
    }
    return [
        (_one_of(paths, r"(?<![\w-])(?<!\.\.)", r"(?![\w-])(?!\.\w+\.)"), paths),
        (_one_of(dotted, r"(?<![\w./-])", r"(?![\w-])(?!/)"), dotted),
        *((re.compile(pattern), {"": new}) for pattern, new in SCRIPTS),
    ]


def _one_of(table: dict[str, str], before: str, after: str) -> re.Pattern[str]:
    words = "|".join(map(re.escape, sorted(table, key=len, reverse=True)))
    return re.compile(f"{before}(?:{words}){after}")


def _texts(text: str, name: str, rules: Rules, *, python: bool) -> str:
    lines = []
    imports = _import_lines(text) if python else set()
    for number, line in enumerate(text.split("\n"), 1):
        new = line
        if number not in imports:
            for pattern, table in rules:
                new = pattern.sub(partial(_becomes, table), new)
        if new != line:
            print(f"text {name}:{number}: {new.strip()[:120]}")
        lines.append(new)
    return "\n".join(lines)


def _import_lines(text: str) -> set[int]:
    return {
        number
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def _becomes(table: dict[str, str], match: re.Match[str]) -> str:
    return table.get(match[0]) or table[""]


class _Strip(ast.NodeTransformer):
    """A tree without imports, and with paths in strings as they are now."""

    def __init__(self, name: str, rules: Rules) -> None:
        self.name, self.rules = name, rules

    def visit_Import(self, node: ast.Import) -> None:
        """Drop an import."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Drop an import."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        """Write the paths of a string as they are now."""
        if self.rules and isinstance(node.value, str):
            for pattern, table in self.rules:
                node.value = pattern.sub(partial(_becomes, table), node.value)
        return node


def _compare(before: dict[str, ast.Module], rules: Rules) -> int:
    """Return 1 if a module's tree differs by more than imports and texts, 0 if none does."""
    differ = []
    for name, tree in before.items():
        now = ast.parse((ROOT / name).read_text())
        if name in EDITS:
            continue
        was = ast.dump(_Strip(name, rules).visit(tree))
        if was != ast.dump(_Strip(name, []).visit(now)):
            differ.append(name)
    edited = sorted(name for name in EDITS if name.endswith(".py"))
    kept = len(before) - len(differ) - len(edited)
    print(f"{kept} modules have the syntax tree they had, but for imports and paths as text;")
    print(f"{len(edited)} have the edits printed above besides.")
    for name in differ:
        print(f"move: {name} differs", file=sys.stderr)
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
