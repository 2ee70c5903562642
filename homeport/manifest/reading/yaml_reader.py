"""YAML text as plain data, with the line of every key; what only surprises is refused.

Scalars are read as YAML 1.2 does, and so as editors do: ``yes`` and ``04:30`` are text.
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from homeport.errors import UserError
from homeport.manifest.types.issues import KeyPath, dotted, quoted

DEEPEST = 20
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    spelling: spelling.lower() == "true"
    for spelling in ("true", "True", "TRUE", "false", "False", "FALSE")
}
# 0022 and +5 stay text: a number would lose how they are written.
INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
FLOAT = re.compile(
    r"[-+]?(?:[0-9]*\.[0-9]+|[0-9]+\.)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+"
)
UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def scalar(text: str) -> object:
    """Return the value of an unquoted YAML scalar (YAML 1.2, core schema)."""
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    return float(text) if FLOAT.fullmatch(text) else text


class YamlReader:
    """The reader of one YAML text; ``lines`` has the line of every value that it returned."""

    def __init__(self, text: str, file: Path) -> None:
        self.text, self.file = text, file
        self.lines: dict[KeyPath, int] = {(): 1}

    def read(self) -> object:
        """Return the plain data.

        Raises UserError when the text isn't one YAML document of plain data.
        """
        if found := UNREADABLE.search(self.text):
            line = self.text.count("\n", 0, found.start()) + 1
            what = f"there is a control character here (U+{ord(found.group()):04X})"
            raise self.error(what, "remove it", line)
        try:
            return self._document()
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            problem = " ".join(str(getattr(error, "problem", None) or "it ends too early").split())
            what = f"this is not YAML: {problem}"
            fix = (
                "check this line and the one above: indent with spaces, put a space after each "
                "colon, close what is opened, quote text that has : or # or starts with a sign"
            )
            raise self.error(what, fix, mark.line + 1 if mark else None) from None

    def _document(self) -> object:
        self._events = yaml.parse(self.text, Loader=LOADER)
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise self.error("the file is empty", "start it with name: and source:", None)
        value = self._value(next(self._events), ())
        next(self._events)
        if not isinstance(after := next(self._events), yaml.StreamEndEvent):
            what = "a second YAML document begins here"
            raise self.error(what, "keep one document and remove the ---", _line(after))
        return value

    def _value(self, event: yaml.Event, path: KeyPath) -> object:
        self._check(event, path)
        if isinstance(event, yaml.ScalarEvent):
            return scalar(event.value) if event.implicit[0] else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _sequence(self, path: KeyPath) -> list[object]:
        items: list[object] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            here = (*path, len(items))
            self.lines[here] = _line(event)
            items.append(self._value(event, here))
        return items

    def _mapping(self, path: KeyPath) -> dict[str, object]:
        items: dict[str, object] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            self._check(event, path)
            if not isinstance(event, yaml.ScalarEvent):
                what = "a list or a mapping can't be a key"
                raise self.error(what, "quote text that has { or [ in it", _line(event), path)
            here = (*path, key := event.value)
            if key in items:
                what = f"{quoted(key)} is already set on line {self.lines[here]}"
                raise self.error(what, "keep one of the two", _line(event), here)
            self.lines[here] = _line(event)
            items[key] = self._value(next(self._events), here)
        return items

    def _check(self, event: yaml.Event, path: KeyPath) -> None:
        if isinstance(event, yaml.AliasEvent):
            what = f"*{event.anchor} is a YAML alias, and a few of them can expand without end"
            fix = "write the value out (or quote it, if a text that starts with * is meant)"
            raise self.error(what, fix, _line(event), path)
        if tag := getattr(event, "tag", None):
            fix = "remove it, and quote the value if text is meant"
            raise self.error(f"{quoted(tag)} is a YAML tag", fix, _line(event), path)
        if len(path) > DEEPEST:
            what = f"this is nested more than {DEEPEST} levels deep"
            raise self.error(what, "close the brackets that were left open", _line(event))

    def error(self, what: str, fix: str, line: int | None, path: KeyPath = ()) -> UserError:
        """Return the error, placed in this file."""
        return UserError(what, fix=fix, file=self.file, line=line, key=dotted(path) or None)


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return int(mark.line) + 1 if mark else 1
