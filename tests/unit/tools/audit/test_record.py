"""What tools.audit.record promises: it is read as it was written, and knows both locks."""

from __future__ import annotations

import sys
from datetime import date
from importlib.metadata import distributions
from pathlib import Path

from packaging.utils import canonicalize_name

from tools.audit.record import LOCKS, ROOT, Finding, Record, locked


def test_record__it_is_read_as_it_was_written(tmp_path: Path) -> None:
    finding = Finding("flask", "3.0.0", "PYSEC-1", ("CVE-1",), ("3.0.1",))
    for record in (Record(), Record(date(2026, 11, 28), frozenset({"flask==3.0.0"}), (finding,))):
        (tmp_path / "record.json").write_text(record.text())
        assert Record.read(tmp_path / "record.json") == record


def test_record__the_locks_agree_and_only_one_has_what_deploys() -> None:
    runtime, developers = (
        {line.split("==")[0]: line.split()[0] for line in text.splitlines() if line[:1].isalpha()}
        for text in ((ROOT / name).read_text() for name in LOCKS)
    )
    both = runtime.keys() & developers.keys()
    assert {runtime[name] for name in both} == {developers[name] for name in both}
    assert {"pyinfra", "uv", "pydantic", "pytest"} <= runtime.keys()
    assert not {"ansible-core", "mitogen", "molecule", "aiohttp", "mypy"} & runtime.keys()
    assert "pip-audit" in developers
    assert len(locked()) == len(runtime.keys() | developers.keys())


def test_record__nothing_is_installed_here_that_no_lock_names() -> None:
    folders = [path for path in sys.path if path.startswith(sys.prefix)]
    installed = {canonicalize_name(each.name) for each in distributions(path=folders)}
    assert "pyinfra" in installed
    # A venv that ensurepip made would have its setuptools.
    assert installed - {"homeport"} <= {pin.split("==")[0] for pin in locked()}
