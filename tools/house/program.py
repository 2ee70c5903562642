"""What every name in a tree means: its module, class, function or parameter, and every use.

Positions come from Python's own syntax tree, meanings of attributes from the types of mypy.
A symbol is written ``module:Name``, ``module:Class.member`` or ``module:function(parameter)``.
"""

from __future__ import annotations

import ast
import re
import subprocess
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mypy import build, nodes, types
from mypy.modulefinder import BuildSource
from mypy.options import Options

EXCLUDED = ("tools/house/",)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass
class Scope:
    """One scope of a file: its names, and the symbol of each."""

    kind: str
    prefix: str
    parent: Scope | None
    bindings: dict[str, str] = field(default_factory=dict)
    globals: set[str] = field(default_factory=set)
    uses: list[Use] = field(default_factory=list)
    children: list[Scope] = field(default_factory=list)


@dataclass(frozen=True)
class Use:
    """One token: where it stands, what it spells, what it means, and the scope it is bound in."""

    path: str
    start: int
    name: str
    symbol: str


@dataclass
class Module:
    """One file of the tree."""

    path: str
    name: str
    text: bytes
    tree: ast.Module
    lines: list[int]
    exports: dict[str, str] = field(default_factory=dict)
    scopes: dict[int, Scope] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    types: dict[tuple[int, int, int, int], list[Any]] = field(default_factory=dict)

    def at(self, line: int, column: int) -> int:
        return self.lines[line - 1] + column


def files_of(root: Path) -> list[str]:
    """Return the tracked Python files that are renamed."""
    listed = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=root, check=True, capture_output=True, text=True
    ).stdout.split()
    return [
        one
        for one in listed
        if not one.startswith(EXCLUDED) and (root / one).exists() and not (root / one).is_symlink()
    ]


def module_name(path: str, links: dict[str, str]) -> str:
    for target, link in links.items():
        if path.startswith(target + "/"):
            path = link + path[len(target) :]
    name = path.removesuffix(".py").replace("/", ".")
    return name.removesuffix(".__init__")


def links_of(root: Path) -> dict[str, str]:
    """Return the folders that stand inside homeport/ by a link: target -> name of the link."""
    found = {}
    for link in sorted((root / "homeport").iterdir()):
        if link.is_symlink() and link.resolve().is_dir():
            found[str(link.resolve().relative_to(root.resolve()))] = f"homeport/{link.name}"
    return found


# What leads from a node of mypy to nodes of other files, or to none.
ELSEWHERE = frozenset(
    {
        "node",
        "info",
        "names",
        "type",
        "unanalyzed_type",
        "definition",
        "mro",
        "imports",
        "metaclass_type",
        "bases",
        "tuple_type",
        "typeddict_type",
        "alias_tvars",
        "defs_by_type",
        "bound_args",
        "dataclass_transform_spec",
        "setter",
        "is_valid_item",
        "final_value",
        "method_type",
        "method_types",
        "left_operand_types",
        "type_guard",
        "type_is",
    }
)


def expressions(tree: nodes.MypyFile, known: dict[Any, Any]) -> dict[Any, list[Any]]:
    """Return the types of each expression of a file by its place."""
    found: dict[tuple[int, int, int, int], list[Any]] = {}
    seen: set[int] = set()
    waiting: list[Any] = list(tree.defs)
    while waiting:
        one = waiting.pop()
        if isinstance(one, list | tuple):
            waiting += one
            continue
        if not isinstance(one, nodes.Node | nodes.Argument) or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, nodes.Expression) and one in known:
            place = (one.line, one.column, one.end_line or 0, one.end_column or 0)
            found.setdefault(place, []).append(known[one])
        for kind in type(one).__mro__:
            for name in getattr(kind, "__mypyc_attrs__", ()):
                if name not in ELSEWHERE and not name.startswith("__"):
                    waiting.append(getattr(one, name, None))
    return found


class Program:
    """All files of a tree, with every use of every symbol."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.modules: dict[str, Module] = {}
        self.unknown: dict[str, list[Use]] = defaultdict(list)
        self.problems: list[str] = []
        self.parameters: set[str] = set()
        self.infos: dict[str, nodes.TypeInfo] = {}
        self._read()
        self._type()
        for module in self.modules.values():
            Binder(self, module).run()
        for module in self.modules.values():
            Resolver(self, module).run()

    def _read(self) -> None:
        links = links_of(self.root)
        for path in files_of(self.root):
            text = (self.root / path).read_bytes()
            lines, start = [], 0
            for line in text.splitlines(keepends=True):
                lines.append(start)
                start += len(line)
            lines.append(start)
            name = module_name(path, links)
            self.modules[name] = Module(path, name, text, ast.parse(text), lines)

    def _type(self) -> None:
        options = Options()
        options.incremental = False
        options.export_types = True
        options.preserve_asts = True
        options.check_untyped_defs = True
        options.ignore_missing_imports = True
        options.implicit_reexport = True
        options.explicit_package_bases = True
        options.namespace_packages = True
        options.mypy_path = [str(self.root)]
        options.plugins = ["pydantic.mypy"]
        options.show_traceback = True
        options.python_version = (3, 11)
        sources = [
            BuildSource(str(self.root / one.path), name) for name, one in self.modules.items()
        ]
        result = build.build(sources, options)
        for name, module in self.modules.items():
            tree = result.files.get(name)
            if tree is None:
                self.problems.append(f"{module.path}: mypy read nothing")
                continue
            self._collect(tree)
        for name, module in self.modules.items():
            tree = result.files.get(name)
            if tree is None:
                continue
            module.types = expressions(tree, result.types)

    def _collect(self, tree: nodes.MypyFile) -> None:
        def walk(names: nodes.SymbolTable) -> None:
            for one in list(names.values()):
                node = one.node
                if isinstance(node, nodes.TypeInfo) and node.fullname not in self.infos:
                    self.infos[node.fullname] = node
                    walk(node.names)

        walk(tree.names)

    def member(self, info: nodes.TypeInfo, name: str) -> str | None:
        """Return the symbol of a member: of the first of our classes that has it."""
        last = None
        for base in info.mro:
            if name in base.names or name in self._assigned(base):
                if base.module_name in self.modules:
                    last = f"{base.module_name}:{self._within(base)}.{name}"
                else:
                    return None
        return last

    def _assigned(self, info: nodes.TypeInfo) -> frozenset[str]:
        return frozenset()

    @staticmethod
    def _within(info: nodes.TypeInfo) -> str:
        return info.fullname.removeprefix(info.module_name + ".")

    def infos_of(self, kind: Any) -> list[nodes.TypeInfo]:
        """Return the classes of which something of a type may be."""
        kind = types.get_proper_type(kind)
        if isinstance(kind, types.Instance):
            if kind.type.fullname == "builtins.type" and kind.args:
                return self.infos_of(kind.args[0])
            return [kind.type]
        if isinstance(kind, types.UnionType):
            return [one for item in kind.items for one in self.infos_of(item)]
        if isinstance(kind, types.TypeType):
            return self.infos_of(kind.item)
        if isinstance(kind, types.TypeVarType):
            return self.infos_of(kind.upper_bound)
        if isinstance(kind, types.TupleType):
            return [kind.partial_fallback.type]
        if isinstance(kind, types.LiteralType):
            return [kind.fallback.type]
        if isinstance(kind, types.CallableType) and kind.is_type_obj():
            return [kind.type_object()]
        if isinstance(kind, types.Overloaded) and kind.is_type_obj():
            return [kind.type_object()]
        return []

    def export(self, module: str, name: str, seen: tuple[str, ...] = ()) -> str | None:
        """Return the symbol that a name of a module means, through all re-exports."""
        if f"{module}.{name}" in self.modules and (
            module not in self.modules or name not in self.modules[module].exports
        ):
            return f"{module}.{name}:"
        if module not in self.modules or module in seen:
            return None
        found = self.modules[module].exports.get(name)
        if found is None:
            return None
        if found.startswith("import "):
            _, of, what = found.split(" ")
            if (of, what) == (module, name):
                return f"{of}.{what}:" if f"{of}.{what}" in self.modules else None
            return self.export(of, what, (*seen, module))
        return found


class Binder(ast.NodeVisitor):
    """Finds the scopes of one file, and what each binds."""

    def __init__(self, program: Program, module: Module) -> None:
        self.program, self.module = program, module
        self.scope = Scope("module", module.name + ":", None)
        module.scopes[id(module.tree)] = self.scope

    def run(self) -> None:
        for child in ast.iter_child_nodes(self.module.tree):
            self.visit(child)
        self.module.exports = self.scope.bindings

    def bind(self, name: str, symbol: str | None = None) -> None:
        scope = self.scope
        if name in scope.globals:
            while scope.parent is not None:
                scope = scope.parent
        if symbol is None:
            if scope.kind == "module":
                symbol = scope.prefix + name
            elif scope.kind == "class":
                symbol = f"{scope.prefix}.{name}"
            else:
                symbol = f"{scope.prefix}({name})"
        scope.bindings.setdefault(name, symbol)

    def inner(self, kind: str, prefix: str, node: ast.AST) -> Scope:
        made = Scope(kind, prefix, self.scope)
        self.scope.children.append(made)
        self.module.scopes[id(node)] = made
        return made

    def prefixed(self, name: str) -> str:
        if self.scope.kind == "module":
            return self.scope.prefix + name
        return f"{self.scope.prefix}.{name}"

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.bind(node.name)
        for one in [*node.decorator_list, *node.bases, *node.keywords]:
            self.visit(one)
        before, self.scope = self.scope, self.inner("class", self.prefixed(node.name), node)
        for one in node.body:
            self.visit(one)
        self.scope = before

    def visit_FunctionDef(self, node: Any) -> None:
        self.bind(node.name)
        for one in [
            *node.decorator_list,
            *node.args.defaults,
            *(d for d in node.args.kw_defaults if d),
        ]:
            self.visit(one)
        self.function(node, self.prefixed(node.name), node.body)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - ast's name for it

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for one in [*node.args.defaults, *(d for d in node.args.kw_defaults if d)]:
            self.visit(one)
        self.function(node, self.prefixed(f"<lambda{node.lineno}_{node.col_offset}>"), [node.body])

    def function(self, node: Any, prefix: str, body: list[Any]) -> None:
        before, self.scope = self.scope, self.inner("function", prefix, node)
        for one in arguments(node.args):
            self.bind(one.arg)
            self.program.parameters.add(self.scope.bindings[one.arg])
        for one in body:
            self.visit(one)
        self.scope = before

    def comprehension(self, node: Any) -> None:
        self.visit(node.generators[0].iter)
        prefix = self.prefixed(f"<comprehension{node.lineno}_{node.col_offset}>")
        before, self.scope = self.scope, self.inner("comprehension", prefix, node)
        for number, one in enumerate(node.generators):
            self.visit(one.target)
            if number:
                self.visit(one.iter)
            for check in one.ifs:
                self.visit(check)
        for part in ("elt", "key", "value"):
            if hasattr(node, part):
                self.visit(getattr(node, part))
        self.scope = before

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = comprehension  # noqa: N815 - ast's names

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        before = self.scope
        while self.scope.kind == "comprehension" and self.scope.parent is not None:
            self.scope = self.scope.parent
        self.bind(node.target.id)
        self.scope = before
        self.visit(node.value)

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.bind(node.id)

    def visit_Global(self, node: ast.Global) -> None:
        self.scope.globals.update(node.names)

    def visit_Import(self, node: ast.Import) -> None:
        for one in node.names:
            if one.asname:
                self.bind(one.asname, f"{one.name}:")
            else:
                top = one.name.split(".")[0]
                self.bind(top, f"{top}:")

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        of = self.origin(node)
        for one in node.names:
            self.bind(one.asname or one.name, f"import {of} {one.name}")

    def origin(self, node: ast.ImportFrom) -> str:
        return origin(self.module, node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.bind(node.name)
        self.generic_visit(node)

    def visit_MatchAs(self, node: Any) -> None:
        if node.name:
            self.bind(node.name)
        self.generic_visit(node)

    def visit_MatchStar(self, node: Any) -> None:
        if node.name:
            self.bind(node.name)


def origin(module: Module, node: ast.ImportFrom) -> str:
    """Return the module that an import takes from, its full name."""
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    if not module.path.endswith("__init__.py"):
        parts = parts[:-1]
    parts = parts[: len(parts) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])


def arguments(args: ast.arguments) -> list[ast.arg]:
    """Return every parameter."""
    return [
        *args.posonlyargs,
        *args.args,
        *args.kwonlyargs,
        *(one for one in (args.vararg, args.kwarg) if one),
    ]


class Resolver(ast.NodeVisitor):
    """Finds what every token of one file means."""

    def __init__(self, program: Program, module: Module) -> None:
        self.program, self.module = program, module
        self.scope = module.scopes[id(module.tree)]
        self.strings: list[ast.JoinedStr] = []
        self.classes: list[str] = []

    def run(self) -> None:
        for child in ast.iter_child_nodes(self.module.tree):
            self.visit(child)

    # Tokens

    def use(self, start: int, name: str, symbol: str | None, node: ast.AST | None = None) -> None:
        if symbol is None or symbol.endswith(":"):
            return
        text = self.module.text
        spelled = name.encode()
        if text[start : start + len(spelled)] != spelled:
            if not self.strings or node is None:
                self.program.problems.append(f"{self.module.path}: no {name} at {start}")
                return
            found = self.in_string(name, node)
            if found is None:
                self.program.problems.append(
                    f"{self.module.path}:{getattr(node, 'lineno', 0)}: no {name} in an f-string"
                )
                return
            start = found
        made = Use(self.module.path, start, name, symbol)
        self.module.uses.append(made)
        self.scope.uses.append(made)
        if symbol.startswith("?"):
            self.program.unknown[name].append(made)

    def in_string(self, name: str, node: ast.AST) -> int | None:
        whole = self.strings[0]
        is_attribute = isinstance(node, ast.Attribute)
        alike = [
            one
            for one in ast.walk(whole)
            if (isinstance(one, ast.Attribute) and is_attribute and one.attr == name)
            or (isinstance(one, ast.Name) and not is_attribute and one.id == name)
            or (isinstance(one, ast.keyword) and isinstance(node, ast.keyword) and one.arg == name)
        ]
        start = self.module.at(whole.lineno, whole.col_offset)
        end = self.module.at(whole.end_lineno or 0, whole.end_col_offset or 0)
        before = rb"\." if is_attribute else rb"(?<![\w.'])"
        inside = [
            place + match.start("n")
            for place, text in holes(self.module.text[start:end], start)
            for match in re.finditer(before + rb"(?P<n>" + name.encode() + rb")\b", text)
        ]
        ordered = order(alike)
        if len(inside) != len(ordered) or node not in ordered:
            return None
        return inside[ordered.index(node)]

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self.strings.append(node)
        self.generic_visit(node)
        self.strings.pop()

    # Names

    def look_up(self, name: str) -> tuple[str | None, Scope | None]:
        scope: Scope | None = self.scope
        first = True
        while scope is not None:
            if scope.kind != "class" or first:
                if name in scope.globals:
                    while scope.parent is not None:
                        scope = scope.parent
                if name in scope.bindings:
                    return scope.bindings[name], scope
            first = False
            scope = scope.parent
        return None, None

    def meaning(self, name: str) -> str | None:
        """Return the symbol that a name means here, past every import."""
        found, _ = self.look_up(name)
        return self.past_import(found)

    def past_import(self, found: str | None) -> str | None:
        if found is not None and found.startswith("import "):
            _, of, what = found.split(" ")
            return self.program.export(of, what)
        return self.canonical(found)

    def canonical(self, symbol: str | None) -> str | None:
        """Return a member's symbol in the first of our classes that has it."""
        if symbol is None:
            return None
        module, _, rest = symbol.partition(":")
        if "(" in rest or "." not in rest:
            return symbol
        owner, _, name = rest.rpartition(".")
        info = self.program.infos.get(f"{module}.{owner}")
        return (self.program.member(info, name) or symbol) if info else symbol

    def visit_Name(self, node: ast.Name) -> None:
        self.use(self.module.at(node.lineno, node.col_offset), node.id, self.meaning(node.id), node)

    def visit_Global(self, node: ast.Global | ast.Nonlocal) -> None:
        start = self.module.at(node.lineno, node.col_offset)
        end = self.module.at(node.end_lineno or 0, node.end_col_offset or 0)
        for name in node.names:
            for match in re.finditer(rb"\b" + name.encode() + rb"\b", self.module.text[start:end]):
                self.use(start + match.start(), name, self.meaning(name))

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.visit_Global(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            after = node.type
            start = self.module.at(after.end_lineno, after.end_col_offset) if after else 0
            found = self.module.text.index(node.name.encode(), start + 3)
            self.use(found, node.name, self.meaning(node.name))
        self.generic_visit(node)

    def visit_MatchAs(self, node: Any) -> None:
        if node.name:
            end = self.module.at(node.end_lineno or 0, node.end_col_offset or 0)
            self.use(end - len(node.name.encode()), node.name, self.meaning(node.name))
        self.generic_visit(node)

    def visit_MatchStar(self, node: Any) -> None:
        if node.name:
            end = self.module.at(node.end_lineno or 0, node.end_col_offset or 0)
            self.use(end - len(node.name.encode()), node.name, self.meaning(node.name))

    def visit_MatchClass(self, node: Any) -> None:
        self.visit(node.cls)
        for one in node.patterns:
            self.visit(one)
        for name, pattern in zip(node.kwd_attrs, node.kwd_patterns, strict=True):
            end = self.module.at(pattern.lineno, pattern.col_offset)
            match = re.search(name.encode() + rb"\s*=\s*$", self.module.text[:end])
            if match:
                self.use(match.start(), name, self.attribute(node.cls, name))
            self.visit(pattern)

    # Definitions

    def defined(self, node: Any) -> None:
        start = self.module.at(node.lineno, node.col_offset)
        match = re.compile(rb"(?:async\s+)?(?:def|class)\s+").match(self.module.text, start)
        if match is None:
            self.program.problems.append(f"{self.module.path}:{node.lineno}: no definition")
            return
        self.use(match.end(), node.name, self.meaning(node.name))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.defined(node)
        for one in [*node.decorator_list, *node.bases, *node.keywords]:
            self.visit(one)
        before, self.scope = self.scope, self.module.scopes[id(node)]
        self.classes.append(self.scope.prefix)
        for one in node.body:
            self.visit(one)
        self.classes.pop()
        self.scope = before

    def visit_FunctionDef(self, node: Any) -> None:
        self.defined(node)
        for one in node.decorator_list:
            self.decorator(one, self.module.scopes[id(node)])
        for one in [*node.args.defaults, *(d for d in node.args.kw_defaults if d)]:
            self.visit(one)
        for arg in arguments(node.args):
            if arg.annotation:
                self.annotation(arg.annotation)
        if node.returns:
            self.annotation(node.returns)
        self.function(node, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - ast's name for it

    def decorator(self, node: ast.expr, scope: Scope) -> None:
        """Take given(name=...) and parametrize("name, ...") for the parameters that they fill."""
        self.visit(node)
        if not isinstance(node, ast.Call):
            return
        spelled = ast.unparse(node.func).rpartition(".")[2]
        if spelled in ("given", "example"):
            for one in node.keywords:
                if one.arg in scope.bindings:
                    start = self.module.at(one.lineno, one.col_offset)
                    self.module.uses = [use for use in self.module.uses if use.start != start]
                    self.program.unknown[one.arg] = [
                        use
                        for use in self.program.unknown[one.arg]
                        if (use.path, use.start) != (self.module.path, start)
                    ]
                    self.use(start, one.arg, scope.bindings[one.arg])
        if spelled == "parametrize" and node.args:
            for text in ast.walk(node.args[0]):
                if isinstance(text, ast.Constant) and isinstance(text.value, str):
                    start = self.module.at(text.lineno, text.col_offset) + 1
                    for match in re.finditer(r"\w+", text.value):
                        symbol = scope.bindings.get(match.group())
                        self.use(start + match.start(), match.group(), symbol)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for one in [*node.args.defaults, *(d for d in node.args.kw_defaults if d)]:
            self.visit(one)
        self.function(node, [node.body])

    def function(self, node: Any, body: list[Any]) -> None:
        before, self.scope = self.scope, self.module.scopes[id(node)]
        for arg in arguments(node.args):
            self.use(self.module.at(arg.lineno, arg.col_offset), arg.arg, self.meaning(arg.arg))
        for one in body:
            self.visit(one)
        self.scope = before

    def comprehension(self, node: Any) -> None:
        self.visit(node.generators[0].iter)
        before, self.scope = self.scope, self.module.scopes[id(node)]
        for number, one in enumerate(node.generators):
            self.visit(one.target)
            if number:
                self.visit(one.iter)
            for check in one.ifs:
                self.visit(check)
        for part in ("elt", "key", "value"):
            if hasattr(node, part):
                self.visit(getattr(node, part))
        self.scope = before

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = comprehension  # noqa: N815 - ast's names

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.target)
        self.annotation(node.annotation)
        if node.value:
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        targets = [one.id for one in node.targets if isinstance(one, ast.Name)]
        if targets == ["__all__"] and isinstance(node.value, ast.List | ast.Tuple):
            for one in node.value.elts:
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    self.use(
                        self.module.at(one.lineno, one.col_offset) + 1,
                        one.value,
                        self.meaning(one.value),
                    )
        self.generic_visit(node)

    def annotation(self, node: ast.expr) -> None:
        for one in ast.walk(node):
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                start = self.module.at(one.lineno, one.col_offset) + 1
                for match in re.finditer(r"(?<![\w.])[A-Za-z_]\w*", one.value):
                    symbol = self.meaning(match.group())
                    if symbol and self.module.text[start:].startswith(one.value.encode()):
                        self.use(start + match.start(), match.group(), symbol)
        self.visit(node)

    # Imports

    def visit_Import(self, node: ast.Import) -> None:
        return

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        of = origin(self.module, node)
        for one in node.names:
            symbol = self.program.export(of, one.name)
            self.use(self.module.at(one.lineno, one.col_offset), one.name, symbol)
            # A binding of another name stays, whatever it is a name of.

    # Attributes and keywords

    def dotted_module(self, node: ast.expr) -> str | None:
        """Return the module that an expression names, None if it names none."""
        if isinstance(node, ast.Name):
            found, _ = self.look_up(node.id)
            if found is not None and found.startswith("import "):
                _, of, what = found.split(" ")
                symbol = self.program.export(of, what)
                return symbol[:-1] if symbol is not None and symbol.endswith(":") else None
            return found[:-1] if found is not None and found.endswith(":") else None
        if isinstance(node, ast.Attribute):
            above = self.dotted_module(node.value)
            if above is not None and any(
                name == f"{above}.{node.attr}" or name.startswith(f"{above}.{node.attr}.")
                for name in self.program.modules
            ):
                return f"{above}.{node.attr}"
        return None

    def named_class(self, node: ast.expr) -> nodes.TypeInfo | None:
        symbol = self.symbol_of(node)
        if symbol is None:
            return None
        return self.program.infos.get(symbol.replace(":", ".", 1))

    def symbol_of(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.Name):
            return self.meaning(node.id)
        if isinstance(node, ast.Attribute):
            return self.attribute(node.value, node.attr)
        return None

    def attribute(self, owner: ast.expr, name: str) -> str | None:
        """Return the symbol of an attribute, "?name" if its owner's type isn't known."""
        module = self.dotted_module(owner)
        if module is not None:
            if module in self.program.modules:
                return self.program.export(module, name)
            return None
        info = self.named_class(owner)
        infos = [info] if info is not None else self.types_at(owner)
        if not infos and isinstance(owner, ast.Name) and owner.id == "self" and self.classes:
            mine = self.program.infos.get(self.classes[-1].replace(":", ".", 1))
            infos = [mine] if mine else []
        found = {one for one in (self.program.member(info, name) for info in infos) if one}
        if len(found) == 1:
            return found.pop()
        if found:
            # Of a union: all of its classes must be renamed alike.
            return "|".join(sorted(found))
        if any(one.fullname != "builtins.object" for one in infos):
            return None
        return f"?{name}"

    def types_at(self, node: ast.expr) -> list[nodes.TypeInfo]:
        place = (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
        found = []
        for kind in self.module.types.get(place, ()):
            found += self.program.infos_of(kind)
        return found

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.visit(node.value)
        end = self.module.at(node.end_lineno or 0, node.end_col_offset or 0)
        start = end - len(node.attr.encode())
        self.use(start, node.attr, self.attribute(node.value, node.attr), node)

    def visit_Call(self, node: ast.Call) -> None:
        self.visit(node.func)
        for one in node.args:
            self.visit(one)
        self.strings_of(node)
        for given in node.keywords:
            if given.arg:
                start = self.module.at(given.lineno, given.col_offset)
                self.use(start, given.arg, self.keyword(node, given.arg), given)
            self.visit(given.value)

    def keyword(self, node: ast.Call, name: str) -> str | None:
        called: ast.expr = node.func
        spelled = (
            called.attr
            if isinstance(called, ast.Attribute)
            else (called.id if isinstance(called, ast.Name) else "")
        )
        if spelled in ("replace", "__replace__") and node.args:
            infos = self.types_at(node.args[0])
            found = {one for one in (self.program.member(info, name) for info in infos) if one}
            if found:
                return "|".join(sorted(found))
            return f"?{name}" if not infos else None
        if spelled == "_replace" and isinstance(called, ast.Attribute):
            return self.attribute(called.value, name)
        if spelled == "partial" and node.args:
            called = node.args[0]
        info = self.named_class(called)
        if info is None and isinstance(called, ast.Call):
            info = None
        if info is not None:
            return self.of_class(info, name)
        symbol = self.symbol_of(called)
        if symbol is not None and not symbol.startswith("?") and "|" not in symbol:
            return f"{symbol}({name})"
        place = (
            called.lineno,
            called.col_offset,
            called.end_lineno or 0,
            called.end_col_offset or 0,
        )
        for kind in self.module.types.get(place, ()):
            kind = types.get_proper_type(kind)
            if isinstance(kind, types.CallableType):
                if kind.is_type_obj():
                    return self.of_class(kind.type_object(), name)
                if isinstance(kind.definition, nodes.FuncDef):
                    full = kind.definition.fullname
                    for module in self.program.modules:
                        if full.startswith(module + "."):
                            return f"{module}:{full[len(module) + 1 :]}({name})"
                    return None
        if isinstance(called, ast.Attribute) and self.attribute(called.value, called.attr) is None:
            return None
        return f"?{name}"

    def of_class(self, info: nodes.TypeInfo, name: str) -> str | None:
        own = info.get("__init__")
        if (
            own is not None
            and isinstance(own.node, nodes.FuncDef)
            and own.node.info.module_name in self.program.modules
            and not own.plugin_generated
        ):
            owner = own.node.info
            return f"{owner.module_name}:{self.program._within(owner)}.__init__({name})"
        return self.program.member(info, name)

    def strings_of(self, node: ast.Call) -> None:
        """Take setattr(thing, "name", ...) and its kin for the attribute that they name."""
        spelled = (
            node.func.attr
            if isinstance(node.func, ast.Attribute)
            else (node.func.id if isinstance(node.func, ast.Name) else "")
        )
        if spelled not in ("setattr", "delattr", "getattr", "hasattr", "object"):
            return
        if len(node.args) < 2:
            return
        owner, name = node.args[0], node.args[1]
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            start = self.module.at(name.lineno, name.col_offset) + 1
            self.use(start, name.value, self.attribute(owner, name.value), name)


def holes(text: bytes, start: int) -> list[tuple[int, bytes]]:
    """Return what stands between braces in an f-string, each with its place."""
    found, depth, began, at = [], 0, 0, 0
    while at < len(text):
        two = text[at : at + 2]
        if depth == 0 and two in (b"{{", b"}}"):
            at += 2
            continue
        if text[at : at + 1] == b"{":
            if depth == 0:
                began = at + 1
            depth += 1
        elif text[at : at + 1] == b"}" and depth:
            depth -= 1
            if depth == 0:
                found.append((start + began, text[began:at]))
        at += 1
    return found


def order(alike: list[Any]) -> list[Any]:
    """Return nodes in the order in which they are written: the tree is walked breadth first."""
    return sorted(alike, key=lambda one: (one.lineno, one.col_offset))
