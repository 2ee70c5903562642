"""What operations.proxy.certificates promises."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from homeport.engine.kind import PreconditionError
from homeport.operations.proxy import apply, nginx
from tests.support.fake_nginx import RENEWAL, WANTED, World, by_authority, described, got, world
from tests.support.fake_programs import Programs
from tests.support.real_delivery import as_root, run_command

__all__ = ["world"]


pytestmark = as_root


# Certificates


@pytest.fixture
def pair(tmp_path: Path) -> dict[str, str]:
    key, file = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make_certificate(file, key, "shop.example")
    return {"certificate": str(file), "key": str(key), "url": "https://shop.example:443/f"}


def make_certificate(file: Path, key: Path, name: str) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "9", "-subj", "/CN=x", "-addext", f"subjectAltName=DNS:{name}"]
    subprocess.run([*command, "-keyout", key, "-out", file], check=True, capture_output=True)
    key.chmod(0o600)


def show(world: World, file: str) -> None:
    lines = Path(file).read_text().splitlines()
    (world.root / "shown").write_text("".join(f"{line}\n" for line in ["Cert:", *lines]))


def test_certificate_that_fits_is_shown_and_one_that_changed_is_read_anew(
    world: World, pair: dict[str, str]
) -> None:
    site = world.site(**pair)
    show(world, pair["certificate"])
    assert world.deploy(described(site)).returncode == 0
    assert world.plan(described(site)) == []
    make_certificate(Path(pair["certificate"]), Path(pair["key"]), "shop.example")
    (change,) = world.plan(described(site))
    assert change.reason.endswith(f"it shows another certificate than {pair['certificate']}")
    assert world.deploy(described(site)).returncode == 0


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("openssl genpkey -algorithm ed25519 -out {key}", "is not the key of"),
        ("echo x >{key}", "is no key that can be read without a password"),
        ("echo x >{certificate}", "is no certificate"),
        ("chmod 644 {key}", "is a key that everybody may read"),
    ],
)
def test_certificate_that_does_not_do_is_told_before_anything_changes(
    world: World, pair: dict[str, str], fault: str, message: str
) -> None:
    subprocess.run(["sh", "-c", fault.format(**pair)], check=True, capture_output=True)
    done = world.deploy(described(world.site(**pair)))
    assert done.returncode != 0
    assert message in done.stderr
    assert world.there() == {}


def test_certificate_for_other_names_or_of_yesterday_is_told(
    world: World, pair: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_certificate(Path(pair["certificate"]), Path(pair["key"]), "other.example")
    done = world.deploy(described(world.site(**pair)))
    assert f"{pair['certificate']} is not for shop.example" in done.stderr
    make_certificate(Path(pair["certificate"]), Path(pair["key"]), "shop.example")
    in_a_year = nginx.FUNCTIONS.replace("-checkend 0", f"-checkend {365 * 86400}")
    monkeypatch.setattr(nginx, "FUNCTIONS", in_a_year)
    assert "has expired" in world.deploy(described(world.site(**pair))).stderr


def test_certificate_that_is_not_there_is_refused_by_the_look(
    world: World, pair: dict[str, str]
) -> None:
    Path(pair["key"]).unlink()
    with pytest.raises(PreconditionError, match=rf"there is no {pair['key']} on the host"):
        world.plan(described(world.site(**pair)))


def test_certificate_is_got_by_what_leads_to_https_and_then_used(world: World) -> None:
    description = by_authority(world)
    plan = world.plan(description)
    assert WANTED.certificate in [change.target.name for change in plan]
    commands = list(apply.apply(description, world.probe(description), plan))
    assert len(commands) == 3
    first = run_command(commands[0], path=world.path)
    assert (first.returncode, first.stderr) == (0, "")
    assert set(world.runs()) == {"homeport-plain.conf"}
    assert run_command(commands[1], path=world.path).returncode == 0
    arguments = (world.root / "live/asked").read_text()
    assert "--domain shop.example --domain b.example" in arguments
    assert "--force-renewal" not in arguments
    assert run_command(commands[2], path=world.path).returncode == 0
    assert set(world.runs()) == {"homeport-plain.conf", "homeport-shop.conf"}
    got(world)
    assert world.plan(description) == []


def test_certificate_that_is_not_got_leaves_what_leads_to_https(
    world: World, programs: Programs
) -> None:
    Path(world.path.partition(":")[0], "certbot").write_text("#!/bin/sh\necho no; exit 1\n")
    done = world.deploy(by_authority(world))
    assert done.returncode != 0
    assert "certbot got no certificate for shop.example b.example:\nno\n" in done.stderr
    assert set(world.runs()) == {"homeport-plain.conf"}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("b.example = /srv/acme\n", "", "it is for shop.example, not shop.example, b.example"),
        ("https://acme-v02", "https://other", "it is from https://other.api.letsencrypt.org/"),
        ("= /srv/acme\n", "= /elsewhere\n", "it is for none of ours, not shop.example, b.example"),
    ],
)
def test_certificate_for_something_else_is_got_anew(
    world: World, old: str, new: str, reason: str
) -> None:
    world.deploy(by_authority(world))
    got(world, RENEWAL.replace(old, new))
    change, *_ = world.plan(by_authority(world))
    assert change.target.name == WANTED.certificate
    assert change.reason.startswith(reason)
    world.deploy(by_authority(world))
    assert "--force-renewal" in (world.root / "live/asked").read_text()


def test_certificate_that_left_is_renewed_no_more_and_kept(world: World) -> None:
    world.deploy(by_authority(world))
    path = got(world)
    plan = world.plan(described(world.site()))
    assert str(path) in [change.target.name for change in plan if change.action == "remove"]
    assert world.deploy(described(world.site())).returncode == 0
    assert not path.exists()
    assert Path(f"{path}.set-aside").read_text() == RENEWAL
    assert world.plan(described(world.site())) == []

    world.deploy(by_authority(world))
    assert path.read_text() == RENEWAL
