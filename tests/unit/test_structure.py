"""The structure holds: one import name for a kind, and no circle of files."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from importlib.util import find_spec
from pathlib import Path

import grimp
import pytest

from homeport.engine.kind import AnyKind
from homeport.operations import PHASES

ROOT = Path(__file__).resolve().parents[2]
KINDS = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in (ROOT / "operations").rglob("*.py")
)


def _folder(kind: AnyKind) -> Path:
    return Path(str(sys.modules[kind.diff.__module__].__file__)).parent


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = grimp.build_graph("homeport", "deploys", "lab", "tools")
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert "homeport.operations.services.kind" in imports
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_a_kind_imported_by_its_folders_name_is_refused_with_the_right_name() -> None:
    assert len(KINDS) > 40
    script = """
import sys
for name in sys.argv[1:]:
    for known in [known for known in sys.modules if known.partition(".")[0] == "operations"]:
        del sys.modules[known]
    try:
        __import__(name)
    except ImportError as error:
        print(error)
    else:
        print(name, "was imported")
"""
    done = subprocess.run(
        [sys.executable, "-c", script, *KINDS], cwd=ROOT, capture_output=True, text=True, check=True
    )
    says = "import homeport.operations, not operations: a kind has one name alone"
    assert done.stdout.splitlines() == [says] * len(KINDS)


def test_no_module_says_operations_for_homeport_operations() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    wrong = [
        f"{name}:{node.lineno}"
        for name in tracked
        for node in ast.walk(ast.parse((ROOT / name).read_text()))
        if isinstance(node, ast.ImportFrom)
        and node.level == 0
        and (node.module or "").partition(".")[0] == "operations"
    ]
    assert wrong == []


@pytest.mark.parametrize("kind", [kind for kind in PHASES if _folder(kind).name != "operations"])
def test_kind_that_is_a_folder_has_the_same_file_names_inside(kind: AnyKind) -> None:
    folder = _folder(kind)
    there = {path.stem for path in folder.glob("*.py")}
    wanted = {"kind", "resources", "probe", *({"apply"} if kind.apply else ())}
    assert wanted <= there
    tree = ast.parse((folder / "kind.py").read_text())
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert "diff" in defined
    assert not defined & {"probe", "parse", "apply"}


DEFERRED = (
    *(f"homeport.operations.{name}.apply" for name in ("hostctl", "proxy", "services")),
    *(f"homeport.operations.{name}.apply" for name in ("units", "venvs")),
    *("homeport.operations.proxy.nginx", "homeport.engine.transaction"),
    *("homeport.engine.rollback_on_failure", "homeport.engine.host_hints"),
    *("homeport.description.laptop", "homeport.description.proxy"),
    *("homeport.artifacts.download", "homeport.artifacts.interpreter"),
    *("homeport.artifacts.build_file", "homeport.manifest.validation.pydantic_errors"),
)
"""Modules that only a host with changes needs, or one of another kind, or one that fails."""


def test_description_and_probe_import_nothing_that_a_run_without_changes_does_not_need() -> None:
    script = """
import sys
import homeport.operations, homeport.deployment.lifecycle, homeport.description.host
print(*sorted(set(sys.argv[1:]) & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, *DEFERRED],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []
    assert all(find_spec(name) for name in DEFERRED)
