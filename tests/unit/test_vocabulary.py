"""One vocabulary, the field's: in identifiers, keys, headings and all that is printed."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

WORDS = {
    "byhand": "admin",
    "fronts": "proxy",
    "front": "proxy",
    "goingback": "rollback",
    "keeper": "snapshot",
    "look": "probe",
    "looks": "probe",
    "mend": "fix",
    "mended": "fixed",
    "mends": "fixes",
    "mistake": "error",
    "mistakes": "errors",
    "anybody": "every user, or the subject itself",
    "nobody": "the subject itself: no process, no user",
    "somebody": "the subject itself: a user, a process",
    "standing": "status",
    "whoever": "the subject itself",
    "yours": "custom",
}
"""Words of the house, and what the field says instead."""

VAGUE = ("asked", "given", "kept", "said", "told")
"""Participles that name no thing: no parameter, variable, function or class is called so."""

PHRASES = (
    r"is said",
    r"(?:is|are) told",
    r"(?:is|are) led",
    r"(?:leads?|leading|led) to",
)
"""What a message or a heading says in the active voice, or by its subject's name."""

ALLOWED = {
    "front": ("homeport/manifest/validation/renamed_keys.py",),  # what the key was called
    # The account of that name.
    "nobody": ("tests/production/slots.py",),
}
"""A word, and the files in which it is another one."""

PRINTED = ("homeport", "operations", "deploys", "kinds", "lab", "tests/production")
DOCUMENTED = (*PRINTED, "benchmarks", "tools", "templates", "inventories", "group_data")


def tracked(*patterns: str) -> list[str]:
    """Return the files of the repository that match."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.split("\0") if name and not (ROOT / name).is_symlink()]


def parts(identifier: str) -> list[str]:
    """Return the words of an identifier: ``fetch_URLOf`` has three."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", identifier)]


def wrong_words(text: str) -> list[str]:
    """Return the words of the house in a line of prose."""
    found = [word for word in re.findall(r"[A-Za-z]+", text) if word.lower() in WORDS]
    return found + [m.group() for p in PHRASES for m in re.finditer(rf"\b{p}\b", text, re.I)]


def identifiers(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield what a module names itself: line and name."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.lineno, node.name
            case ast.alias(asname=str(name)):
                yield node.lineno, name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.lineno, node.attr


def strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the strings of a module that aren't its documentation: line and text."""
    documentation = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documentation
        ):
            yield node.lineno, node.value


def allowed(word: str, name: str) -> bool:
    return any(name.startswith(file) for file in ALLOWED.get(word.lower(), ()))


def test_identifiers_are_in_the_fields_words() -> None:
    wrong = []
    for name in tracked("*.py"):
        is_test = name.startswith("tests/")
        for line, identifier in identifiers(ast.parse((ROOT / name).read_text())):
            if is_test and identifier.startswith("test_"):
                continue  # a sentence
            words = {word for word in parts(identifier) if word in WORDS}
            if identifier.strip("_").lower() in VAGUE:
                words.add(identifier)
            wrong += [f"{name}:{line}: {identifier}" for word in words if not allowed(word, name)]
    assert not wrong, "\n".join(sorted(wrong))


def test_modules_are_in_the_fields_words() -> None:
    wrong = [
        name
        for name in tracked("*")
        if {word for part in Path(name).parts for word in parts(part)} & {*WORDS, *VAGUE}
    ]
    assert not wrong, "\n".join(wrong)


def test_printed_strings_are_in_the_fields_words() -> None:
    wrong = [
        f"{name}:{line}: {word}: {text[:60]!r}"
        for name in tracked(*(f"{folder}/*.py" for folder in PRINTED), "*.py")
        if name.startswith(PRINTED) or "/" not in name
        for line, text in strings(ast.parse((ROOT / name).read_text()))
        for word in wrong_words(text)
        if not allowed(word, name)
    ]
    assert not wrong, "\n".join(wrong)


def test_comments_and_docstrings_name_their_subject() -> None:
    people = {"anybody", "nobody", "somebody", "whoever"}
    wrong = [
        f"{name}:{line}: {text.strip()[:80]}"
        for name in tracked(*DOCUMENTED, "*.py")
        if name.startswith(DOCUMENTED) or "/" not in name
        for line, text in enumerate((ROOT / name).read_text().splitlines(), 1)
        if any(
            word.lower() in people and not allowed(word, name)
            for word in re.findall(r"[A-Za-z]+", text)
        )
    ]
    assert not wrong, "\n".join(wrong)


def test_headings_are_in_the_fields_words() -> None:
    wrong = [
        f"{name}: {line}"
        for name in tracked("*.md")
        for line in (ROOT / name).read_text().splitlines()
        if re.match(r"#+ ", line) and wrong_words(line)
    ]
    assert not wrong, "\n".join(wrong)


def test_keys_are_in_the_fields_words() -> None:
    schema = json.loads((ROOT / "docs/app.schema.json").read_text())

    def keys(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            yield from node.get("properties", {})
            for child in node.values():
                yield from keys(child)
        elif isinstance(node, list):
            for child in node:
                yield from keys(child)

    found = set(keys(schema))
    assert "processes" in found
    assert not [key for key in found if {*WORDS, *VAGUE} & set(parts(key))]
