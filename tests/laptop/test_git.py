"""Git on a laptop: hooks that check what is committed, and code that comes from a repository."""

from __future__ import annotations

import shutil

from tests.laptop.laptop import Laptop

CODE = "examples/pinboard/pinboard/__init__.py"


def committed(laptop: Laptop) -> str:
    """Return the text of the last commit."""
    return laptop.git("log", "-1", "--format=%s").stdout.strip()


def test_a_hook_lets_good_code_through_and_stops_what_python_can_not_read(
    deployed: Laptop,
) -> None:
    deployed.git("add", "examples", "app.yml").check_returncode()
    deployed.git("commit", "-q", "-m", "good").check_returncode()
    deployed.edit(CODE, "1.0.0", '"""')
    refused = deployed.git("commit", "-q", "-a", "-m", "bad")
    assert refused.returncode != 0
    assert "SyntaxError" in refused.stdout + refused.stderr
    assert committed(deployed) == "good"


def test_a_hook_that_is_there_already_is_kept_and_told(fresh: Laptop) -> None:
    fresh.run("sh", "-c", f"printf '#!/bin/sh\\ntrue\\n' >{fresh.hook}").check_returncode()
    theirs = fresh.hook.read_text()
    for done in (fresh.dry(), fresh.deploy()):
        assert done.code != 0
        assert f"{fresh.hook} is there, and homeport didn't write it" in done.output
        assert "remove that hook from app.yml" in done.output
        assert "Traceback" not in done.output
    assert fresh.hook.read_text() == theirs
    assert not fresh.local.exists()
    fresh.hook.unlink()


def test_a_work_tree_beside_shares_the_hook_and_is_not_held_up_by_it(deployed: Laptop) -> None:
    deployed.git("add", "examples", "app.yml").check_returncode()
    deployed.git("commit", "-q", "--allow-empty", "-m", "here").check_returncode()
    beside = deployed.folder / "beside"
    deployed.git("worktree", "add", "-q", str(beside)).check_returncode()
    try:
        done = deployed.git("-C", str(beside), "commit", "-q", "--allow-empty", "-m", "there")
        assert done.returncode == 0
        assert "pre-commit: there is no local/run here" in done.stderr
    finally:
        deployed.git("worktree", "remove", "--force", str(beside))


def test_hooks_are_put_where_git_is_told_to_look_for_them(deployed: Laptop) -> None:
    deployed.git("config", "core.hooksPath", "tools/hooks").check_returncode()
    try:
        moved = [path for _, _, path in deployed.plan_of(deployed.converge())]
        assert moved[:2] == [".git/hooks/pre-commit", "tools/hooks/pre-commit"]
        assert not deployed.hook.exists()
        assert (deployed.folder / "tools/hooks/pre-commit").exists()
    finally:
        deployed.git("config", "--unset", "core.hooksPath").check_returncode()
    deployed.converge()
    assert deployed.hook.exists()
    shutil.rmtree(deployed.folder / "tools")


def test_code_of_a_repository_is_unpacked_proven_and_only_then_what_runs(laptop: Laptop) -> None:
    source = laptop.folder / "repository"
    shutil.copytree(laptop.folder / "examples/pinboard", source)
    laptop.run("true").check_returncode()
    web = source / "pinboard/web.py"
    for tag, line in (("v1", ""), ("v2", "\nraise RuntimeError('not here')\n")):
        web.write_text(web.read_text() + line)
        shutil.chown(source, laptop.user)
        laptop.run("git", "init", "-q", str(source)).check_returncode()
        laptop.git("-C", str(source), "add", ".").check_returncode()
        laptop.git("-C", str(source), "commit", "-q", "-m", tag).check_returncode()
        laptop.git("-C", str(source), "tag", tag).check_returncode()
    named = f"{{git: 'file://{source}', ref: v1}}"
    laptop.edit("app.yml", "source: examples/pinboard", f"source: {named}")
    done = laptop.converge()
    assert "releases" in {kind for kind, _, _ in laptop.plan_of(done)}
    current = (laptop.local / "current").resolve()
    assert current.parent == laptop.local / "releases"
    show = (
        str(laptop.local / "run"),
        "python",
        "-c",
        "import pinboard.web as w; print(w.__file__)",
    )
    assert laptop.run(*show).stdout == f"{current}/pinboard/web.py\n"
    assert laptop.converge().changed == {}
    proof = laptop.prove()
    assert proof.returncode == 0, proof.stdout

    laptop.edit("app.yml", "ref: v1", "ref: v2")
    refused = laptop.deploy()
    assert refused.code != 0
    assert "RuntimeError: not here" in refused.output
    assert (laptop.local / "current").resolve() == current
    shutil.rmtree(source)
