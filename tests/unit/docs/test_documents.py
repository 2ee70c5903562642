"""What documents point at is there: links, headings, files, and the tests that they quote."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
NAMED = re.compile(
    r"`((?:tests|deploys|kinds|operations|homeport|lab|tools|inventories|group_data)/[^`]+)`"
)
VAGUE = re.compile(
    r"\b(nobody|somebody|whoever|(?:is|are|was|were) (?:said|told|led)|leads? to|led to)\b", re.I
)
# What the pages have a reader write, so it isn't here yet.
TO_BE_WRITTEN = {"kinds/masks.py", "tests/production/described/masks.py"}


def prose(page: Path) -> str:
    return re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.M | re.S)


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", prose(page), re.M)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(prose(page)):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_subject_of_a_sentence_is_named(page: Path) -> None:
    # What is quoted is a message of the program, and a row of a made table is made elsewhere.
    made = page.name in {"quick-reference.md", "production-environment.md", "performance.md"}
    lines = [line for line in prose(page).splitlines() if not (made and line.startswith("|"))]
    assert VAGUE.findall(re.sub(r"`[^`]*`", "", "\n".join(lines))) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_is_named_is_there(page: Path) -> None:
    for name in NAMED.findall(prose(page)):
        if name not in TO_BE_WRITTEN and "*" not in name:
            assert (ROOT / name.partition("::")[0]).exists(), name


def test_what_the_testing_guide_quotes_is_a_test() -> None:
    page = (ROOT / "docs/testing-guide.md").read_text()
    (quoted,) = re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S)
    assert quoted in (ROOT / "tests/e2e/lab/test_convergence.py").read_text()


@pytest.mark.parametrize(
    ("code", "program", "arguments"),
    [
        (0, "pyinfra", ["inventories/pi.py", "debug-inventory"]),
        (1, "pyinfra", ["inventories/nowhere.py", "deploy.py", "--dry"]),
        (1, "pyinfra", ["inventories/pi.py", "deploy.py", "--dry", "--data", "debian=11"]),
        (2, "pyinfra", ["inventories/pi.py", "deploy.py", "--no-such-option"]),
        (4, "pytest", ["-p", "no:cacheprovider", "tests/production"]),
    ],
)
def test_the_exit_codes_of_the_quick_reference_are_those_of_the_programs(
    code: int, program: str, arguments: list[str]
) -> None:
    found = Path(sys.executable).with_name(program)
    done = subprocess.run(
        [str(found), *arguments], cwd=ROOT, capture_output=True, stdin=subprocess.DEVNULL
    )
    assert done.returncode == code, done.stderr.decode()
    table = (ROOT / "docs/quick-reference.md").read_text().partition(f"of `{program}")[2]
    assert f"\n| {code} | " in table.partition("\n\n")[0]


def test_every_page_is_reached_from_the_readme_or_from_a_page_that_is() -> None:
    reached, next_pages = set[Path](), [ROOT / "README.md"]
    while next_pages:
        page = next_pages.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        for link in LINK.findall(prose(page)):
            target = (page.parent / link.partition("#")[0]).resolve()
            if target.is_dir():
                next_pages += target.glob("*.md")
            elif target.is_file():
                next_pages.append(target)
    assert set(PAGES) - reached == set()


def test_the_page_of_the_architecture_lists_the_layers_of_the_contract_in_their_order() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = contracts["contracts"][0]["layers"]
    due = [name.strip() for layer in layers for name in layer.split("|")]
    page = (ROOT / "docs/architecture.md").read_text()
    table = page.partition("| layer | folder |")[2].partition("\n\n")[0]
    folders = [re.findall(r"`([^`]+)`", line.split("|")[2])[0] for line in table.splitlines()[2:]]
    ours = [folder.strip("/").removeprefix("homeport/") for folder in folders]
    listed = [f"homeport.{name}" for name in ours if name not in ("deploy.py", "tools/docgen")]
    assert listed == due
    assert len(page.split()) <= 2500
