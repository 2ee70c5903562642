"""A file that can't be read is refused by file, line and fix; nothing else ever escapes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from homeport.manifest import load
from homeport.manifest.reading import yaml_reader
from tests.support.app_refusals import refused

BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
UNREADABLE = {
    "an empty file": (b"", None, "empty"),
    "nothing but comments": (b"# name\n\n", None, "empty"),
    "a document of nothing": (b"---\n", None, "empty"),
    "a list": (b"- name\n", 1, "not a mapping"),
    "a text": (b"pinboard", 1, "not a mapping"),
    "a file over 1 MB": (b"#" * 1_000_001, None, "larger"),
    "bytes that are not UTF-8": (b"name: x\ntitle: \xff\n", 2, "UTF-8"),
    "UTF-16": ("name: x".encode("utf-16"), 1, "UTF-8"),
    "a NUL byte": (b"name: x\nb: a\0b\n", 2, "control character"),
    "an escape sequence": (b"name: \x1b[31m\n", 1, "control character"),
    "an open bracket": (b"name: x\ndata: [a\n", 3, "not YAML"),
    "an open quote": (b'name: "x\n', None, "not YAML"),
    "a tab as indentation": (b"a:\n\tb: 1\n", 2, "not YAML"),
    "a colon too many": (b"name: x\na: b: c\n", 2, "not YAML"),
    "a program in Python": (b"import os\nprint({'a': [1})\n", 2, "not YAML"),
    "an unknown escape": (b'name: "\\q"\n', 1, "not YAML"),
    "two documents": (b"name: x\n---\nname: y\n", 2, "second YAML document"),
    "a key twice": (b"name: x\npython: y\n'name': z\n", 3, "already set on line 1"),
    "a nested key twice": (b"a:\n  b: 1\n  c: 2\n  b: 3\n", 4, "already set on line 2"),
    "an alias": (BOMB.encode(), 2, "alias"),
    "an alias of itself": (b"a: &a [*a]\n", 1, "alias"),
    "an alias as a key": (b"a: &a b\n*a : c\n", 2, "alias"),
    "an alias to nothing": (b"exclude: [*.md]\n", 1, ""),
    "a merge key": (b"a: &a {b: c}\nd:\n  <<: *a\n", 3, "alias"),
    "a Python object": (b"a: !!python/object/apply:os.system [id]\n", 1, "tag"),
    "a tag of one's own": (b"a: !vault x\n", 1, "tag"),
    "a tagged key": (b"!!str a: x\n", 1, "tag"),
    "a mapping as a key": (b"a: 1\n{b: c}: d\n", 2, "can't be a key"),
    "a list as a key": (b"? [a]\n: d\n", 1, "can't be a key"),
    "endless nesting": (b"a: " + b"[" * 100_000, 1, "nested"),
    "endless nesting of mappings": (b"a: " + b"{a: " * 50_000, 1, "nested"),
}


@pytest.mark.parametrize("content, line, what", UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("loader", [yaml_reader.LOADER, yaml.SafeLoader], ids=["fast", "pure"])
def test_yaml_reader__what_is_no_plain_yaml_is_refused_with_its_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    loader: type,
    content: bytes,
    line: int | None,
    what: str,
) -> None:
    monkeypatch.setattr(yaml_reader, "LOADER", loader)
    path = tmp_path / "app.yml"
    path.write_bytes(content)
    error = refused(path)
    assert what in error.what
    assert error.file == path
    assert line is None or error.line == line
    assert len(str(error).splitlines()) == 1


def test_yaml_reader__a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "app.yml"
    path.write_bytes(b"\xef\xbb\xbfname: x\r\ndata:\r\n  - uploads\r\n")
    document = load(path)
    assert document.data == {"name": "x", "data": ["uploads"]}
    assert document.lines[("data", 0)] == 3


SCALARS = [
    ("yes", "yes"),
    ("on", "on"),
    ("04:30", "04:30"),
    ("12:30:45", "12:30:45"),
    ("2024-01-01", "2024-01-01"),
    ("0022", "0022"),
    ("+5", "+5"),
    ("1_000", "1_000"),
    ("0x1f", "0x1f"),
    ("9" * 5000, "9" * 5000),
    ("=", "="),
    ("true", True),
    ("8000", 8000),
    ("-1", -1),
    ("3.10", 3.1),
    ("1e3", 1000.0),
    ("~", None),
    ('"8000"', "8000"),
    ('""', ""),
]


@pytest.mark.parametrize("written, meant", SCALARS)
def test_yaml_reader__a_scalar_means_what_an_editor_takes_it_for(
    tmp_path: Path, written: str, meant: object
) -> None:
    path = tmp_path / "app.yml"
    path.write_text(f"a: {written}\n")
    found = load(path).data["a"]
    assert (type(found), found) == (type(meant), meant)
