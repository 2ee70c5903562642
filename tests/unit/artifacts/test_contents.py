"""What artifacts.contents promises: a digest, and what a file holds, in one reading."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from homeport.artifacts.contents import read_contents

BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7"
KEYS = {
    "PKCS 8": f"-----BEGIN PRIVATE KEY-----\n{BODY}\n",
    "RSA": f"-----BEGIN RSA PRIVATE KEY-----\r\n{BODY}\r\n",
    "EC after another": f"-----BEGIN EC PARAMETERS-----\nx\n-----BEGIN EC PRIVATE KEY-----\n{BODY}",
    "encrypted": f"-----BEGIN ENCRYPTED PRIVATE KEY-----\n{BODY}\n",
    "OpenSSH": "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n",
    "SSH2": "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: x\n",
    "PGP": "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBF\n",
    "PuTTY": "PuTTY-User-Key-File-3: ssh-ed25519\n",
    "age": "# made today\nAGE-SECRET-KEY-1" + "Q" * 58 + "\n",
    "a line of JSON": f'{{"private_key": "-----BEGIN PRIVATE KEY-----\\n{BODY}\\n"}}',
    "one line of YAML": f"key: '-----BEGIN PRIVATE KEY----- {BODY}'",
    "the end of a file": "-----BEGIN PRIVATE KEY-----",
    "WireGuard": f"[Interface]\nPrivateKey = {'a' * 43}=\n",
    "OpenVPN": "#\n-----BEGIN OpenVPN Static key V1-----\n0123456789abcdef\n",
    "JWK": f'{{"kty": "OKP", "crv": "Ed25519", "d": "{"a" * 43}", "x": "{"b" * 43}"}}',
    "JWK, the other way round": f'{{"d":"{"a" * 43}","kty":"EC","x":"b"}}',
}
NO_KEYS = {
    "a certificate": f"-----BEGIN CERTIFICATE-----\n{BODY}\n-----END CERTIFICATE-----\n",
    "a public key": f"-----BEGIN PUBLIC KEY-----\n{BODY}\n",
    "prose": "A file that starts with `-----BEGIN PRIVATE KEY-----` is a private key.\n",
    "code": 'if "-----BEGIN PRIVATE KEY-----" in text:\n    raise ValueError\n',
    "WireGuard's public part": f"[Peer]\nPublicKey = {'a' * 43}=\nPrivateKey = FILLED_IN\n",
    "a public JWK": f'{{"keys": [{{"kty": "OKP", "x": "{"b" * 43}"}}], "d": "{"a" * 43}"}}',
    "an age recipient": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\n",
}
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 12345\n"


@pytest.mark.parametrize("kind", KEYS)
def test_contents__a_private_key_is_found(kind: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_text(KEYS[kind])
    assert read_contents(tmp_path / "x").is_key


@pytest.mark.parametrize("kind", NO_KEYS)
def test_contents__what_only_speaks_of_one_is_none(kind: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_text(NO_KEYS[kind])
    assert not read_contents(tmp_path / "x").is_key


@pytest.mark.parametrize("kind", ["RSA", "EC", "ED25519"])
@pytest.mark.parametrize("form", ["PKCS8", "TraditionalOpenSSL", "encrypted"])
def test_contents__a_key_that_is_no_text_is_found(kind: str, form: str, tmp_path: Path) -> None:
    made = {
        "RSA": lambda: rsa.generate_private_key(65537, 2048),
        "EC": lambda: ec.generate_private_key(ec.SECP521R1()),
        "ED25519": ed25519.Ed25519PrivateKey.generate,
    }[kind]()
    if form == "TraditionalOpenSSL" and kind == "ED25519":
        form = "PKCS8"  # it has no other
    lock = NoEncryption() if form != "encrypted" else BestAvailableEncryption(b"word")
    layout = getattr(PrivateFormat, "PKCS8" if form == "encrypted" else form)
    (tmp_path / "x").write_bytes(made.private_bytes(Encoding.DER, layout, lock))
    assert read_contents(tmp_path / "x").is_key
    public = made.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "y").write_bytes(public)
    assert not read_contents(tmp_path / "y").is_key


def test_contents__a_key_in_wide_characters_is_found(tmp_path: Path) -> None:
    (tmp_path / "x").write_text(KEYS["PKCS 8"], encoding="utf-16")
    assert read_contents(tmp_path / "x").is_key


@pytest.mark.parametrize("before", [0, 5_000_000, (1 << 20) - 20])
def test_contents__a_key_is_found_wherever_it_stands(before: int, tmp_path: Path) -> None:
    content = b"\0" * before + KEYS["OpenSSH"].encode()
    (tmp_path / "x").write_bytes(content)
    found = read_contents(tmp_path / "x")
    assert found == (hashlib.sha256(content).hexdigest(), len(content), True, False)


@pytest.mark.parametrize(
    ("text", "is_pointer"),
    [
        (POINTER, True),
        (POINTER.replace("\n", "\r\n"), True),
        (POINTER.replace("git-lfs.github", "hawser.github"), True),
        (f"see {POINTER}", False),
        (POINTER + "x" * 1024, False),
        ("", False),
    ],
)
def test_contents__a_pointer_of_git_lfs_is_found(
    text: str, is_pointer: bool, tmp_path: Path
) -> None:
    (tmp_path / "x").write_bytes(text.encode())
    assert read_contents(tmp_path / "x").is_pointer == is_pointer
