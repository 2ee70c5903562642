"""What holds for the sample application as a whole."""

import re
import subprocess
import sys


def test_pinboard__importing_touches_nothing_and_needs_nothing(application, tmp_path):
    program = "import sys; sys.path.append(sys.argv[1])\n" + "".join(
        f"import pinboard.{name}\n" for name in ("notify", "store", "worker", "tidy")
    )
    # No environment and no third-party package: what these modules promise to do without.
    subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", program, str(application)],
        cwd=tmp_path,
        env={},
        check=True,
        timeout=30,
    )
    assert list(tmp_path.iterdir()) == []


def test_pinboard__every_requirement_is_pinned_and_hashed(application):
    lock = (application / "requirements.txt").read_text()
    entries = re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n?", "", lock).strip())
    for entry in entries:
        assert re.match(r"[a-z0-9.-]+==\S+ ", entry), entry
        assert "--hash=sha256:" in entry, entry
    named = {entry.partition("==")[0] for entry in entries}
    requirements = (application / "requirements.in").read_text().splitlines()
    assert named >= {line for line in requirements if line and not line.startswith("#")}


def test_pinboard__the_lock_names_no_index(application):
    assert "://" not in (application / "requirements.txt").read_text()
