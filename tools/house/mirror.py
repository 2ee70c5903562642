"""Lay the tests as the source lies: ``python -m tools.house.mirror``, run on the commit before.

Each test goes to the file of the module that it tests, and what it needs goes along; what tests of
several files need goes to ``tests/support``. A name gets its subject in front. No test is lost and
none is changed: the trees of all are compared at the end, and counted as pytest collects them.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from tools.house import move
from tools.house.mirrored import (
    CONFTESTS,
    COUNTED_OUT,
    EDITS,
    GENERIC,
    GONE,
    SHARED,
    SINGLE,
    SPLITS,
    SUBJECTS,
    SUPPORT,
    WHOLE,
)

ROOT = Path.cwd()
UNIT = "tests/unit"
HERE = re.compile(r"(Path\(__file__\)(?:\.resolve\(\))?\.parents\[)(\d)\]")
ARTICLE = re.compile(r"^(?:a|an|the|one|every|each|any)_")
LONGEST = 90


@dataclass
class Piece:
    """One statement of a file with the comments above it and the string below it."""

    text: str
    node: ast.stmt
    names: set[str]
    needs: set[str]
    asked: set[str]
    gap: int = 2
    fixture: bool = False
    autouse: bool = False

    @property
    def test(self) -> str | None:
        """Return the name of the test that it is, None if it is none."""
        name = getattr(self.node, "name", "")
        return name if name.startswith("test_") else None


@dataclass
class Part:
    """What one old file gives to a new one."""

    old: str
    pieces: list[Piece] = field(default_factory=list)
    docstring: str = ""
    imports: list[ast.Import | ast.ImportFrom] = field(default_factory=list)
    where: dict[str, str] = field(default_factory=dict)
    fixtures: set[str] = field(default_factory=set)
    autouse: set[str] = field(default_factory=set)


def main() -> int:
    """Split, move, rewrite, compare; return the exit code."""
    tracked = move._git("ls-files").splitlines()
    before, collected = _tests(tracked), _collected()
    files = {old: new for old, new in {**SUPPORT, **WHOLE}.items() if old in tracked}
    missing = sorted({*SUPPORT, *WHOLE, *SPLITS} - set(tracked))
    if missing:
        print(f"mirror: not in the tree: {', '.join(missing)}", file=sys.stderr)
    foreign = _foreign(tracked)
    modules = {move._dotted(old): move._dotted(new) for old, new in files.items()}
    parts: dict[str, list[Part]] = defaultdict(list)
    for old, table in SPLITS.items():
        if old in tracked:
            files[old] = _target(table[""])
            modules[move._dotted(old)] = move._dotted(files[old])
            _split(old, foreign[move._dotted(old)], parts, modules)
    renames: dict[str, set[str]] = defaultdict(set)
    texts = _text_rules(files)
    written = {new: _joined(new, found, modules, renames) for new, found in parts.items()}
    for old in SPLITS:
        if old in tracked:
            move._git("rm", "-q", "--cached", old)
            (ROOT / old).unlink()
    for old in GONE:
        if old in tracked:
            move._git("rm", "-q", old)
    for old, new in files.items():
        if old not in SPLITS and old != new:
            (ROOT / new).parent.mkdir(parents=True, exist_ok=True)
            move._git("mv", old, new)
    for new, text in written.items():
        path = ROOT / new
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for folder, (docstring, imports) in CONFTESTS.items():
        path = ROOT / folder / "conftest.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_conftest(docstring, imports))
    sources = {files.get(name, name): name for name in tracked if name not in SPLITS}
    words = {old: next(iter(new)) for old, new in renames.items() if len(new) == 1}
    named = re.compile(r"(?<!def )\b(?:" + "|".join(map(re.escape, sorted(words))) + r")\b")
    for new in [*sources, *written]:
        path = ROOT / new
        if path.suffix not in move.TEXT or new.startswith(move.LEFT_OUT) or not path.is_file():
            continue
        text = path.read_text()
        old = sources.get(new, new)
        if path.suffix == ".py" and new in sources:
            text = move._imports(text, old, new, modules)
            if old != new:
                text = _deeper(text, old, new)
                text = _subject(text, new, renames)
        text = move._texts(text, new, texts, python=path.suffix == ".py")
        text = named.sub(lambda match: words[match[0]], text) if words else text
        path.write_text(text)
    for file, edits in EDITS.items():
        path = ROOT / file
        text = path.read_text()
        for was, now in edits:
            if was not in text:
                print(f"mirror: {file} has no {was!r}", file=sys.stderr)
                continue
            print(f"edit {file}: {was!r} -> {now!r}")
            text = text.replace(was, now)
        path.write_text(text)
    move._git("add", "-A", ".")
    for command in (
        ["check", "--quiet", "--fix", "--select", "I,F401", "."],
        ["format", "--quiet", "."],
    ):
        subprocess.run(["ruff", *command], cwd=ROOT, check=True)
    move._git("add", "-A", ".")
    return _compare(before, _tests(move._git("ls-files").splitlines()), collected, texts)


def _target(name: str) -> str:
    path = PurePosixPath(name)
    return f"{UNIT}/{path.with_name(f'test_{path.name}')}.py"


def _foreign(tracked: list[str]) -> dict[str, set[str]]:
    """Return what other files import from each module of tests."""
    found: dict[str, set[str]] = defaultdict(set)
    for name in tracked:
        if name.startswith("tests/") and name.endswith(".py"):
            for node in ast.walk(ast.parse((ROOT / name).read_text())):
                if isinstance(node, ast.ImportFrom) and node.module:
                    found[node.module] |= {alias.name for alias in node.names}
    return found


def _split(
    old: str, foreign: set[str], parts: dict[str, list[Part]], modules: dict[str, str]
) -> None:
    """Give each statement of a file its new file."""
    text = (ROOT / old).read_text()
    pieces, docstring = _pieces(old, text)
    table = SPLITS[old]
    homes: dict[int, set[str]] = {id(piece): set() for piece in pieces}
    used: set[str] = set()
    for piece in pieces:
        if piece.test:
            homes[id(piece)] = {_home(piece.test, table, used)}
    for target, patterns in table.items():
        for pattern in patterns.split() if target else ():
            if pattern not in used:
                print(f"mirror: {old} has no test_{pattern}", file=sys.stderr)
    everywhere = {home for found in homes.values() for home in found}
    by_name = {name: piece for piece in pieces for name in piece.names}
    for piece in pieces:
        if piece.autouse:
            homes[id(piece)] = set(everywhere)
    changed = True
    while changed:
        changed = False
        for piece in pieces:
            for name in piece.needs & by_name.keys():
                needed = by_name[name]
                if needed is not piece and not homes[id(needed)] >= homes[id(piece)]:
                    homes[id(needed)] |= homes[id(piece)]
                    changed = True
    shared = {
        id(piece)
        for piece in pieces
        if not piece.test and (len(homes[id(piece)]) > 1 or piece.names & foreign)
    }
    changed = True
    while changed:
        changed = False
        for piece in pieces:
            if id(piece) in shared:
                for name in piece.needs & by_name.keys():
                    if id(by_name[name]) not in shared:
                        shared.add(id(by_name[name]))
                        changed = True
    marks = [piece for piece in pieces if piece.names == {"pytestmark"}]
    shared -= {id(piece) for piece in marks}
    support = f"tests/support/{SHARED.get(old, '?')}.py"
    if shared and old not in SHARED:
        names = sorted(name for piece in pieces if id(piece) in shared for name in piece.names)
        sys.exit(f"mirror: {old} shares {', '.join(names)}; say where it goes")
    groups: dict[str, Part] = {}
    for piece in pieces:
        if piece in marks:
            goals = everywhere
        elif id(piece) in shared:
            goals = {support}
            for name in piece.names:
                modules[f"{move._dotted(old)}.{name}"] = f"{move._dotted(support)}.{name}"
        else:
            goals = homes[id(piece)] or {_target(table[""])}
        for goal in goals:
            groups.setdefault(goal, Part(old)).pieces.append(piece)
    body = ast.parse(text).body
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    where = {name: support for piece in pieces if id(piece) in shared for name in piece.names}
    fixtures = {n for p in pieces if p.fixture and id(p) in shared for n in p.names}
    autouse = {n for p in pieces if p.autouse and id(p) in shared for n in p.names}
    for goal, part in groups.items():
        if goal == _target(table[""]):
            part.docstring = docstring
        part.imports = imports
        part.where = where if goal != support else {}
        part.fixtures = fixtures if goal != support else set()
        part.autouse = autouse if goal != support else set()
        parts[goal].append(part)


def _home(test: str, table: dict[str, str], used: set[str]) -> str:
    name = test.removeprefix("test_")
    for target, patterns in table.items():
        for pattern in patterns.split() if target else ():
            if fnmatchcase(name, pattern):
                used.add(pattern)
                return _target(target)
    return _target(table[""])


def _pieces(old: str, text: str) -> tuple[list[Piece], str]:
    """Return the statements of a file apart from its imports, and its docstring."""
    lines, tree = text.split("\n"), ast.parse(text)
    found: list[Piece] = []
    end, docstring = 0, ""
    for node in tree.body:
        last = node.end_lineno or node.lineno
        if isinstance(node, ast.Import | ast.ImportFrom):
            end = last
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            block = "\n".join(lines[end:last])
            if found:
                found[-1].text += "\n" + block
            else:
                docstring = str(node.value.value)
            end = last
            continue
        names = _bound(node)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            into = next(piece for piece in found if node.target.id in piece.names)
            into.text += "\n" + "\n".join(lines[end:last]).strip("\n")
            into.needs |= _loaded(node)
            end = last
            continue
        if isinstance(node, ast.Assert):
            names = {f"assert {node.lineno}"}
        if not names:
            sys.exit(f"mirror: {old}:{node.lineno}: a statement without a name")
        block = "\n".join(lines[end:last])
        gap = min(2, len(block) - len(block.lstrip("\n")))
        block = block.strip("\n")
        end = last
        if names == {"__all__"}:
            continue
        decorators = " ".join(ast.unparse(each) for each in getattr(node, "decorator_list", []))
        fixture = "fixture" in decorators
        needs = _loaded(node)
        if fixture or getattr(node, "name", "").startswith("test_"):
            asked = {arg.arg for arg in ast.walk(node) if isinstance(arg, ast.arg)}
        else:
            asked = set()
        found.append(Piece(block, node, names, needs, asked, gap, fixture, "autouse" in decorators))
    fixtures = {name for piece in found if piece.fixture for name in piece.names}
    own = {name for piece in found for name in piece.names}
    for piece in found:
        piece.needs |= piece.asked & (fixtures | (piece.asked - own))
    return found, docstring


def _loaded(node: ast.stmt) -> set[str]:
    """Return the names that a statement reads and doesn't bind within itself."""
    loaded = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    if isinstance(node, ast.ClassDef):
        within = {name for each in node.body for name in _loaded(each)}
        heads = [*node.decorator_list, *node.bases]
        return within | {n.id for head in heads for n in ast.walk(head) if isinstance(n, ast.Name)}
    if not isinstance(node, ast.FunctionDef):
        return loaded
    local = {arg.arg for arg in ast.walk(node.args) if isinstance(arg, ast.arg)}
    passing = {
        id(name)
        for each in ast.walk(node)
        if isinstance(each, ast.comprehension)
        for name in ast.walk(each.target)
    }
    local |= {
        each.id
        for statement in node.body
        for each in ast.walk(statement)
        if isinstance(each, ast.Name)
        and isinstance(each.ctx, ast.Store)
        and id(each) not in passing
    }
    outside = [*node.decorator_list, *([node.returns] if node.returns else [])]
    arguments = [arg for arg in ast.walk(node.args) if isinstance(arg, ast.arg)]
    outside += [arg.annotation for arg in arguments if arg.annotation]
    outside += [*node.args.defaults, *(each for each in node.args.kw_defaults if each)]
    beyond = {n.id for part in outside for n in ast.walk(part) if isinstance(n, ast.Name)}
    return (loaded - local) | beyond


def _bound(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {
            each.id
            for goal in node.targets
            for each in ast.walk(goal)
            if isinstance(each, ast.Name)
        }
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    return set()


def _joined(
    new: str, parts: list[Part], modules: dict[str, str], renames: dict[str, set[str]]
) -> str:
    """Return the text of a new file."""
    imports: dict[str, str] = {}
    body: list[str] = []
    bound: dict[str, str] = {}
    exported: set[str] = set()
    docstring = next((part.docstring for part in parts if part.docstring), "") or _promise(new)
    marks = {
        tuple(sorted(p.text for p in part.pieces if "pytestmark" in p.names)) for part in parts
    }
    if len(marks) > 1:
        sys.exit(f"mirror: {new}: its parts are marked differently")
    for part in parts:
        needs = {name for piece in part.pieces for name in (*piece.needs, *piece.names)}
        needs |= part.autouse
        own = {name for piece in part.pieces for name in piece.names}
        for node in part.imports:
            for bound_as, statement in _statements(node, part.old, new, modules):
                if statement.startswith("from __future__") or (
                    bound_as in needs and bound_as not in own
                ):
                    if imports.setdefault(bound_as, statement) != statement:
                        sys.exit(f"mirror: {new}: {bound_as} is {imports[bound_as]}, {statement}")
                    if _is_fixture(statement, part, bound_as):
                        exported.add(bound_as)
        for name, support in part.where.items():
            if name in needs and name not in own:
                imports[name] = f"from {move._dotted(support)} import {name}"
                if name in part.fixtures:
                    exported.add(name)
        for piece in part.pieces:
            text = _deeper(piece.text, part.old, new)
            known = {bound.get(name) for name in piece.names} - {None}
            if known == {text}:
                continue
            if known:
                sys.exit(f"mirror: {new}: {sorted(piece.names)} stands there already")
            bound |= dict.fromkeys(piece.names, text)
            body += ["\n" * (piece.gap + 1), text]
    text = "".join(body).strip("\n") + "\n"
    for name in [*imports]:
        if name in bound:
            sys.exit(f"mirror: {new}: {name} is both imported and defined")
    head = [statement for statement in imports.values() if "__future__" in statement]
    head += sorted(statement for statement in imports.values() if "__future__" not in statement)
    every = f"\n__all__ = {sorted(exported)!r}\n" if exported else ""
    quoted = '"""' + docstring + '"""'
    text = f"{quoted}\n\n" + "\n".join(head) + f"\n{every}\n\n" + text
    return _subject(move._imports(text, new, new, modules), new, renames)


def _is_fixture(statement: str, part: Part, name: str) -> bool:
    """Return whether a test asks for an imported name as one of its arguments."""
    if not statement.startswith("from tests."):
        return False
    asked = {
        arg.arg
        for piece in part.pieces
        if piece.test or piece.fixture
        for arg in ast.walk(piece.node)
        if isinstance(arg, ast.arg)
    }
    return name in asked


def _statements(
    node: ast.Import | ast.ImportFrom, old: str, new: str, modules: dict[str, str]
) -> list[tuple[str, str]]:
    """Return one statement a name, as they are now."""
    found = []
    for alias in node.names:
        bound = alias.asname or alias.name
        as_ = f" as {alias.asname}" if alias.asname else ""
        if isinstance(node, ast.Import):
            found.append((bound.partition(".")[0], f"import {alias.name}{as_}"))
            continue
        if node.module == "__future__":
            found.append((f"__future__.{bound}", f"from __future__ import {alias.name}"))
            continue
        single = ast.ImportFrom(node.module, [alias], node.level)
        statements = move._from(single, move._dotted(old), move._dotted(new), old, new, modules)
        statement = f"from {node.module} import {alias.name}{as_}"
        found.append((bound, statements[0] if statements else statement))
    return found


def _promise(new: str) -> str:
    subject = new.removeprefix(f"{UNIT}/").removeprefix("tests/support/").removesuffix(".py")
    if "support" in new:
        return f"What tests of several modules share: {subject.replace('_', ' ')}."
    path = subject.replace("test_", "").partition("__")[0].replace("/", ".")
    return f"What {path} promises."


def _deeper(text: str, old: str, new: str) -> str:
    """Return a text that finds the root from where it stands now."""
    more = new.count("/") - old.count("/")
    return HERE.sub(lambda match: f"{match[1]}{int(match[2]) + more}]", text)


def _subject(text: str, new: str, renames: dict[str, set[str]]) -> str:
    """Return a text whose tests begin with what they are about."""
    subject = _subject_of(new)
    if subject is None:
        return text
    lines = text.split("\n")
    taken = set(re.findall(r"^def (test_\w+)\(", text, re.M))
    for number, line in enumerate(lines):
        match = re.match(r"(async )?def (test_(\w+))\(", line)
        if match is None:
            continue
        now = f"test_{_begun(match[3], subject)}"
        if now == match[2] or now in taken or len(now) > LONGEST:
            continue
        taken.add(now)
        renames[match[2]].add(now)
        lines[number] = line.replace(match[2], now, 1)
    return "\n".join(lines)


def _begun(sentence: str, subject: str) -> str:
    """Return a sentence that begins with its subject."""
    bare = ARTICLE.sub("", sentence)
    last = subject.rpartition("_")[2]
    for noun in (subject, subject.removesuffix("s"), last, last.removesuffix("s")):
        for form in (f"{noun}s", noun):
            if len(noun) > 2 and (bare == form or bare.startswith(f"{form}_")):
                return bare if ARTICLE.match(sentence) else sentence
    return f"{subject}__{sentence}"


def _subject_of(new: str) -> str | None:
    if not new.startswith(f"{UNIT}/") or "/scenarios/" in new or "/docs/" in new:
        return None
    path = new.removeprefix(f"{UNIT}/").removesuffix(".py")
    if not PurePosixPath(path).name.startswith("test_"):
        return None
    path = path.replace("test_", "").partition("__")[0]
    if path in SUBJECTS:
        return SUBJECTS[path]
    stem = PurePosixPath(path).name
    if stem in GENERIC:
        stem = PurePosixPath(path).parent.name
    return stem


def _conftest(docstring: str, imports: dict[str, str]) -> str:
    names = sorted(name for found in imports.values() for name in found.split())
    lines = [
        f"from {module} import {', '.join(found.split())}" for module, found in imports.items()
    ]
    return f'"""{docstring}"""\n\n' + "\n".join(lines) + f"\n\n__all__ = {names!r}\n"


def _text_rules(files: dict[str, str]) -> move.Rules:
    table = {old: new for old, new in files.items() if old != new} | SINGLE
    dotted = {move._dotted(old): move._dotted(new) for old, new in files.items() if old != new}
    return [
        (move._one_of(table, r"(?<![\w-])(?<!\.\.)", r"(?![\w-])(?!\.\w+\.)"), table),
        (move._one_of(dotted, r"(?<![\w./-])", r"(?![\w-])(?!/)"), dotted),
    ]


def _tests(tracked: list[str]) -> list[tuple[str, ast.stmt]]:
    """Return every test of the suite, with the file in which it stands."""
    found: list[tuple[str, ast.stmt]] = []
    for name in tracked:
        if name.startswith(f"{UNIT}/") and name.endswith(".py") and name not in COUNTED_OUT:
            for node in ast.walk(ast.parse((ROOT / name).read_text())):
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    found.append((name, node))
    return found


class _Same(move._Strip):
    """A tree without imports, its own name, the way to the root, and paths as they are now."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:  # noqa: N802 - as ast names it
        """Take a test's name from it."""
        if node.name.startswith("test_"):
            node.name = "test"
        return self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:  # noqa: N802 - as ast names it
        """Take the depth of a file from the way to the root."""
        if ast.unparse(node).startswith("Path(__file__)"):
            node.slice = ast.Constant(0)
        return self.generic_visit(node)


def _compare(
    before: list[tuple[str, ast.stmt]],
    after: list[tuple[str, ast.stmt]],
    collected: int,
    rules: move.Rules,
) -> int:
    """Return 1 if a test was lost or changed, 0 if none was."""
    was = Counter(ast.dump(_Same(name, rules).visit(node)) for name, node in before)
    now = Counter(ast.dump(_Same(name, []).visit(node)) for name, node in after)
    count = _collected(COUNTED_OUT)
    print(f"{sum(was.values())} tests before, {sum(now.values())} after, by their trees;")
    print(f"{collected} collected before, {count} after.")
    for kind, lost in (("lost", was - now), ("new", now - was)):
        for tree in lost:
            print(f"mirror: {kind}: {tree[:300]}", file=sys.stderr)
    return 0 if was == now and collected == count else 1


def _collected(left_out: tuple[str, ...] = ()) -> int:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--collect-only", UNIT]
        + [f"--ignore={name}" for name in left_out],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    match = re.search(r"^(\d+) tests? collected", done.stdout, re.M)
    if match is None:
        print(done.stdout[-3000:], done.stderr[-1000:], file=sys.stderr)
    return int(match[1]) if match else 0


if __name__ == "__main__":
    sys.exit(main())
