"""Paths that stood as text in a form that no table of files sees: patterns, and edits by hand."""

from __future__ import annotations

SCRIPTS = (
    (r"python rollout\.py", "python -m homeport.rollout"),
    (r"python build\.py", "python -m homeport.build"),
    (r"(?<![\w/.-])rollout\.py\b", "python -m homeport.rollout"),
    (r"(?<![\w/.-])build\.py\b", "python -m homeport.build"),
    (r"(?<![\w/.-])bootstrap\.py\b", "deploys/bootstrap.py"),
    (r"(?<![\w/-])bare-pi\.md\b", "bootstrap.md"),
    (r"(?<![\w/-])front\.md\b", "proxy.md"),
    (r"(?<![\w/-])mixing-in\.md\b", "extending.md"),
)
"""What scripts and pages are called where they stand as text."""

DEEPER = ("Path(__file__).resolve().parents[2]", "Path(__file__).resolve().parents[3]")

EDITS: dict[str, list[tuple[str, str]]] = {
    # The folder that a file lies in has another depth.
    "homeport/description/app_build.py": [
        ("return Path(__file__).parent.parent", "return Path(__file__).parents[2]"),
    ],
    "operations/hostctl/kind.py": [
        ("ROOT = Path(__file__).parent.parent\n", "ROOT = Path(__file__).parents[2]\n"),
        ('    package = ROOT / "homeport/hostctl"\n', '    package = ROOT / "hostctl"\n'),
        (
            '    texts = ROOT / "templates/host_programs"\n',
            '    texts = ROOT / "templates/host_programs"\n',
        ),
        ('run_module("release"', 'run_module("hostctl"'),
        (
            'found = {f"release/{path.name}": path.read_bytes() for path in sorted(package.glob("*.py"))}',
            'sources = sorted(path.relative_to(package.parent) for path in package.rglob("*.py"))\n'
            "    found = {str(path): (package.parent / path).read_bytes() for path in sources}",
        ),
        (
            '    yield from (Directory(FOLDERS), Directory(_folder()), Directory(f"{_folder()}/release"))\n',
            "    yield from (Directory(FOLDERS), Directory(_folder()))\n"
            '    inside = sorted({str(PurePosixPath(name).parent) for name in modules()} - {"."})\n'
            '    yield from (Directory(f"{_folder()}/{name}") for name in inside)\n',
        ),
        ("from pathlib import Path\n", "from pathlib import Path, PurePosixPath\n"),
    ],
    "homeport/hostctl/__main__.py": [
        (
            'import_module(f".{module}", __package__)',
            'import_module(f".verbs.{module}", __package__)',
        ),
        ('"machine:activate"', '"transitions:activate"'),
        ('"machine:confirm"', '"transitions:confirm"'),
        ('"machine:undo"', '"transitions:undo"'),
        ('"finish:finish"', '"cleanup:finish"'),
        ('"byhand:', '"admin:'),
    ],
    "homeport/hostctl/verbs/context.py": [('(".machine", ', '(".transitions", ')],
    # Templates.
    "homeport/description/bootstrap.py": [
        ('render("bare/journald.conf")', 'render("bootstrap/journald.conf")'),
        ('render("bare/upgrades")', 'render("bootstrap/upgrades")'),
    ],
    "homeport/description/health.py": [
        ('"health.yml.j2"', '"server/health.yml.j2"'),
        ('"health.service.j2"', '"server/health.service.j2"'),
        ('"health.timer.j2"', '"server/health.timer.j2"'),
    ],
    "homeport/description/jobs.py": [
        ('"timer.j2"', '"server/timer.j2"'),
        ('"service.j2"', '"server/service.j2"'),
    ],
    "homeport/description/processes.py": [('"service.j2"', '"server/service.j2"')],
    "pyproject.toml": [
        ('"{deploy,bootstrap}.py" = ["E402"]\n', '"deploy.py" = ["E402"]\n'),
        (
            '{history,lock,rollback,standing,unlock,verify_deps}.py"',
            '{bootstrap,history,lock,rollback,status,unlock,verify_deps}.py"',
        ),
        ("(job|peers|specs|release/app)", "(job|contenders/setups|specs|load/app)"),
        (
            '["benchmarks", "deploys", "homeport", "lab", "operations"]\n',
            '["benchmarks", "deploys", "homeport", "kinds", "lab", "tools"]\n',
        ),
        (
            'packages = ["homeport", "operations", "deploys", "lab", "benchmarks"]',
            'packages = ["homeport", "deploys", "kinds", "lab", "benchmarks", "tools"]',
        ),
    ],
    # Benchmarks.
    "benchmarks/page.py": [('/ "words"', '/ "text"')],
    "benchmarks/load/report.py": [('/ "words"', '/ "text"')],
    "benchmarks/load/work.py": [('"release/app"', '"load/app"')],
    "benchmarks/contenders/contender.py": [
        ('BENCHMARKS / "peers"', 'BENCHMARKS / "contenders/setups"')
    ],
    # Scripts are modules.
    "homeport/pyinfra_adapter/command_line.py": [
        ('"python", "python -m homeport.rollout"', '"python", "-m", "homeport.rollout"'),
    ],
    # Projects of tests: what they edit is a copy.
    "tests/e2e/lab/project.py": [
        DEEPER,
        ('    "deploys/bootstrap.py",\n    "python -m homeport.build",\n', ""),
        ('    "python -m homeport.rollout",\n', ""),
        ('    "deploys",\n', '    "deploys",\n    "homeport",\n    "kinds",\n    "operations",\n'),
        ('LINKED = ("homeport", "lab", "operations")', 'LINKED = ("lab", "tools")'),
        (
            "shutil.copytree(source, folder / name, ignore=_CACHES)",
            "shutil.copytree(source, folder / name, symlinks=True)",
        ),
    ],
    "tests/e2e/lab/host_program.py": [
        DEEPER,
        ("from release.__main__", "from hostctl.__main__"),
        (
            'for source in sorted((ROOT / "homeport/hostctl").glob("*.py")):\n'
            '            _add(tar, f"usr/local/lib/homeport/hostctl/{source.name}", source.read_bytes(), 0o644)',
            'for source in sorted((ROOT / "homeport/hostctl").rglob("*.py")):\n'
            '            name = source.relative_to(ROOT / "homeport")\n'
            '            _add(tar, f"usr/local/lib/homeport/{name}", source.read_bytes(), 0o644)',
        ),
    ],
    "tests/e2e/lab/test_benchmark.py": [DEEPER],
    "tests/e2e/lab/test_rollback.py": [("parents[2]", "parents[3]")],
    "tests/e2e/lab/fleet.py": [
        (
            '[sys.executable, "python -m homeport.rollout",',
            '[sys.executable, "-m", "homeport.rollout",',
        ),
    ],
    "tests/e2e/lab/test_sources.py": [
        ('sys.executable, "python -m homeport.build",', 'sys.executable, "-m", "homeport.build",'),
    ],
    # Projects of unit tests link what they don't edit.
    "tests/unit/input/project.py": [
        (
            '"deploys", "homeport", "operations", "templates")',
            '"deploys", "homeport", "kinds", "operations", "templates")',
        ),
    ],
    "tests/unit/input/test_rolling_out.py": [
        ('("python", "python -m homeport.rollout", ', '("python", "-m", "homeport.rollout", '),
        (
            '        (project.folder / "python -m homeport.rollout").symlink_to('
            'ROOT / "python -m homeport.rollout")\n',
            "",
        ),
        (
            '    (tmp_path / "python -m homeport.rollout").symlink_to('
            'ROOT / "python -m homeport.rollout")\n',
            "",
        ),
        (
            "\"python -m homeport.rollout inventories/pi.py '--exclude",
            "\"homeport.rollout inventories/pi.py '--exclude",
        ),
    ],
    "tests/unit/deploys/test_bare.py": [
        (
            '("deploys/bootstrap.py", "config.py", "homeport", "operations", "deploys", "templates")',
            '("config.py", "homeport", "kinds", "operations", "deploys", "templates")',
        ),
    ],
    "tests/unit/engine/test_early.py": [
        (
            '("deploy.py", "config.py", "homeport", "operations", "deploys", "templates")',
            '("deploy.py", "config.py", "homeport", "kinds", "operations", "deploys", "templates")',
        ),
    ],
    "tests/unit/rollout/conftest.py": [
        (
            'script = f"import sys, rollout; from homeport.rollout import run; {patch}"\n',
            'script = "import sys; from homeport.rollout import __main__ as rollout\\n"\n'
            '        script += f"from homeport.rollout import pyinfra_run as run; {patch}"\n',
        ),
        ("cwd=Path(rollout.__file__).parent,", "cwd=Path(rollout.__file__).parents[2],"),
    ],
    "tests/unit/deploys/test_rendering.py": [
        ('"timer.j2"', '"server/timer.j2"'),
        ('"host/run"', '"host_programs/run"'),
    ],
    "tests/unit/deploys/test_host.py": [
        ("Path(host.__file__).parent.parent", "Path(host.__file__).parents[2]"),
    ],
    "homeport/description/laptop.py": [('"host/check-imports"', '"host_programs/check-imports"')],
    "homeport/description/server.py": [('f"host/{name}"', 'f"host_programs/{name}"')],
    "tests/unit/release/test_verbs.py": [
        ('f"homeport.hostctl.{module}"', 'f"homeport.hostctl.verbs.{module}"'),
    ],
    "tests/unit/release/test_standing_alone.py": [
        ('Path(homeport.hostctl.__path__[0]).glob("*.py")', 'PACKAGE.rglob("*.py")'),
        ("SOURCES = ", "PACKAGE = Path(homeport.hostctl.__path__[0])\nSOURCES = "),
        ('f"{source.name}: {name}"', 'f"{source.relative_to(PACKAGE)}: {name}"'),
        (
            "for name in _absolute(node)\n",
            "for name in _absolute(node, len(source.relative_to(PACKAGE).parts))\n",
        ),
        (
            '(tmp_path / "release").symlink_to(Path(homeport.hostctl.__path__[0]))',
            '(tmp_path / "hostctl").symlink_to(PACKAGE)',
        ),
        (
            'modules = [f"release.{s.stem}" for s in SOURCES if s.stem not in ("__init__", "__main__")]',
            'paths = [s.relative_to(PACKAGE.parent).with_suffix("") for s in SOURCES]\n'
            '    modules = [".".join(p.parts) for p in paths if p.stem not in ("__init__", "__main__")]',
        ),
        ("def _absolute(node: ast.AST)", "def _absolute(node: ast.AST, depth: int)"),
        (
            'if node.level == 0 else ["" for _ in range(node.level - 1)]',
            'if node.level == 0 else ["" for _ in range(node.level - depth)]',
        ),
    ],
    "tests/unit/engine/test_leaving.py": [
        (
            "from homeport import reverting, session\n",
            "from homeport.engine import rollback_on_failure as reverting, run as session\n",
        ),
        (
            'known = f"from homeport import resource\\nresource.PROGRAM',
            'known = f"from homeport.engine import kind as resource\\nresource.PROGRAM',
        ),
    ],
    # Lines that grew too long.
    "homeport/manifest/schema/json_schema.py": [
        (
            "for editors: ``python -m homeport.manifest.schema.json_schema``.",
            "for editors.\n\n``python -m homeport.manifest.schema.json_schema`` prints it.\n",
        ),
    ],
    "homeport/rollout/__main__.py": [
        (
            "at a time: `python -m homeport.rollout inventories/pi.py [pyinfra options]`.",
            "at a time.\n\n`python -m homeport.rollout inventories/pi.py [pyinfra options]`",
        ),
    ],
    "tools/docgen/overview.py": [
        (
            "should have: ``python -m tools.docgen.overview INVENTORY``.",
            "should have.\n\n``python -m tools.docgen.overview INVENTORY``",
        ),
    ],
    "benchmarks/load/bare_server.py": [
        (
            "says its port, and goes on until its standard\n",
            "says its port, and goes on until its\nstandard ",
        ),
    ],
    "benchmarks/scale/recording.py": [
        ("has a host print what its probes told.", "has a host print its answers."),
    ],
    "deploys/bootstrap.py": [('"./deploys/in_project.py"', '"./in_project.py"')],
    "deploys/status.py": [
        (
            "asked by python -m homeport.rollout at its end.",
            "a rollout asks at its end.",
        ),
    ],
    "tests/unit/operations/test_verifying.py": [
        (
            "again; print(again('deploy.py', 'my pi', '-v'))\"\n",
            "again\"\n    code += \"; print(again('deploy.py', 'my pi', '-v'))\"\n",
        ),
    ],
    "tests/e2e/lab/test_newcomer.py": [
        (
            '"pyinfra inventories/lab.py deploys/verify_deps.py --data deep=yes": "tests/e2e/lab/test_drift.py",\n',
            '"pyinfra inventories/lab.py deploys/verify_deps.py --data deep=yes": DRIFT,\n',
        ),
        ("COVERED = {", 'DRIFT = "tests/e2e/lab/test_drift.py"\nCOVERED = {'),
    ],
    "docs/decisions/0018-a-bootstrap-is-a-deploy-file-like-any-other.md": [
        ("`deploys/bootstrap.py --dry` says so", "A dry run of `deploys/bootstrap.py` says so"),
    ],
}
