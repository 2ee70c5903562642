"""What was built apart from a deploy is what hosts get, and nothing else of its kind."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from homeport.build import __main__
from homeport.description.app_build import build
from homeport.description.host_data import HostData
from homeport.errors import UserError
from tests.support.described_app import TARGET, Project


def make(project: Project, *options: str) -> int:
    (project.root / "app.yml").write_text(project.text)
    return __main__.main([str(project.root / "app.yml"), *options])


def commit(project: Project) -> None:
    who = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    for words in (("init", "-q"), ("add", "code"), (*who, "commit", "-q", "-m", "first")):
        subprocess.run(["git", *words], cwd=project.root, check=True)


@pytest.fixture
def file(project: Project, tmp_path: Path) -> Path:
    where = tmp_path / "builds/shop.tar.gz"
    assert make(project, "-o", str(where)) == 0
    return where


def test_build__it_is_deployed_as_it_was_built(project: Project, file: Path) -> None:
    before = project.built()
    (project.root / "code/shop/__init__.py").write_text("another = True")
    assert project.built().artifact.id != before.artifact.id
    promoted = build(project.app(), TARGET, HostData(artifact=str(file)))
    assert promoted.artifact.id == before.artifact.id
    assert promoted.lock == before.lock


def test_build__so_is_an_application_that_is_a_package_of_its_lock(
    project: Project, tmp_path: Path
) -> None:
    lock = project.root / "requirements.txt"
    lock.write_text(f"flask==3.1.2 --hash=sha256:{'a' * 64}\n")
    packaged = "source: {package: flask, version: '3.1.2'}\nrequirements: requirements.txt"
    project.replace("source: code", packaged)
    file = tmp_path / "shop.tar.gz"
    assert make(project, "-o", str(file)) == 0
    before = project.built()
    lock.write_text("")
    promoted = build(project.app(), TARGET, HostData(artifact=str(file)))
    assert (promoted.artifact.id, promoted.lock) == (before.artifact.id, before.lock)
    assert promoted.artifact.modules == before.artifact.modules == ()


def test_build__without_a_name_it_is_called_after_what_is_in_it(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(__main__, "root", lambda: tmp_path)
    assert make(project) == 0
    short = project.built().artifact.id[:12]
    file = tmp_path / f"builds/shop-{short}.tar.gz"
    assert file.is_file()
    assert capsys.readouterr().out == f"{file}: shop {short}, no commit\n"


def test_build__what_is_not_committed_is_built_only_if_that_is_said(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(project)
    (project.root / "code/shop/__init__.py").write_text("another = True")
    file = tmp_path / "shop.tar.gz"
    assert make(project, "-o", str(file)) == 1
    refused = capsys.readouterr().err
    assert "uncommitted changes: 'shop/__init__.py'" in refused
    assert "--allow-dirty" in refused
    assert not file.exists()
    assert make(project, "-o", str(file), "--allow-dirty") == 0
    assert capsys.readouterr().out.endswith(", with changes\n")
    promoted = build(project.app(), TARGET, HostData(artifact=str(file))).artifact
    assert promoted.dirty
    assert promoted.commit == project.built().artifact.commit


def test_build__an_error_in_the_application_file_is_one_line(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project.replace("source: code", "source: nowhere")
    assert make(project, "-o", str(tmp_path / "shop.tar.gz")) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_build_of_another_application_is_refused(project: Project, file: Path) -> None:
    project.replace("name: shop", "name: store")
    with pytest.raises(UserError, match="artifact is of shop, not of store"):
        build(project.app(), TARGET, HostData(artifact=str(file)))


def make_key(folder: Path, name: str) -> Path:
    key = folder / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    return key


def test_build__it_is_signed_and_where_signers_are_named_no_other_is_deployed(
    project: Project, tmp_path: Path
) -> None:
    key, signers = make_key(tmp_path, "key"), tmp_path / "allowed_signers"
    signers.write_text(f"build@example.org {key.with_suffix('.pub').read_text()}")
    file = tmp_path / "shop.tar.gz"
    data = HostData.parse({"artifact": str(file), "allowed_signers": str(signers)})
    assert make(project, "-o", str(file)) == 0
    with pytest.raises(UserError, match="it is not signed"):
        build(project.app(), TARGET, data)
    assert make(project, "-o", str(file), "--signing-key", str(key)) == 0
    before = project.built().artifact
    assert build(project.app(), TARGET, data).artifact.id == before.id
    assert make(project, "-o", str(file), "--signing-key", str(make_key(tmp_path, "other"))) == 0
    with pytest.raises(UserError, match="its signature is of no key in"):
        build(project.app(), TARGET, data)


def test_build__a_key_that_can_not_be_used_is_one_line(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("-o", str(tmp_path / "shop.tar.gz"), "--signing-key", str(tmp_path / "nowhere"))
    assert make(project, *options) == 1
    assert "nowhere: the signing key can't be used: " in capsys.readouterr().err


def test_build__its_bill_of_materials_is_beside_it(project: Project, file: Path) -> None:
    bom = json.loads(file.with_name("shop.cdx.json").read_text())
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert bom["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": digest}]


def test_build__what_is_left_out_is_printed(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project.root / "code/node_modules").mkdir()
    (project.root / "code/node_modules/a.js").touch()
    assert make(project, "-o", str(tmp_path / "shop.tar.gz")) == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["not in it: node_modules (made by tools)"]


def test_build__a_repository_that_git_can_not_read_is_refused(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project.root / "code/.git").write_text("gitdir: /nowhere")
    assert make(project, "-o", str(tmp_path / "shop.tar.gz")) == 1
    assert "code: git can't read the repository here" in capsys.readouterr().err
