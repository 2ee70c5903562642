"""The signature of a build: ssh-keygen(1) makes it beside the file, and checks it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from homeport.errors import UserError

NAMESPACE = "homeport-build"
"""What a signature is for (PROTOCOL.sshsig): one of another namespace is none of a build."""
SIGN_AGAIN = "sign it with `python -m homeport.build --signing-key KEY`, or take it again"


def signature_of(file: Path) -> Path:
    """Return where the signature of a file is: beside it, as ssh-keygen puts it."""
    return file.with_name(f"{file.name}.sig")


def sign(file: Path, key: Path) -> Path:
    """Sign a file, and return its signature.

    `key` is a private key of SSH, or the public one whose private key is in ssh-agent; a passphrase
    is asked for on the terminal. Raises ``UserError`` if it can't be used.
    """
    signature = signature_of(file)
    signature.unlink(missing_ok=True)  # ssh-keygen asks before it replaces one
    command = ["ssh-keygen", "-Y", "sign", "-q", "-f", str(key), "-n", NAMESPACE, str(file)]
    try:
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    except FileNotFoundError:
        raise _no_openssh() from None
    if done.returncode or not signature.is_file():
        reason = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        raise UserError(
            f"the signing key can't be used: {reason}",
            fix="name a private key, or the public one of a key in ssh-agent (`ssh-add -l`)",
            file=key,
        )
    return signature


def verify(content: Path, file: Path, signers: Path) -> str:
    """Return who signed a build, as `signers` (ssh-keygen(1), ALLOWED SIGNERS) calls them.

    `content` is what is held against the signature beside `file`: a copy that stays as it is.
    Raises ``UserError`` if there is no signature, it is of other contents, or of another key.
    """
    if not signers.is_file():
        fix = "write one line into it: `build@example.org ssh-ed25519 AAAA...`"
        what = "there is no such file of allowed signers"
        raise UserError(what, fix=fix, file=signers, key="allowed_signers")
    signature = signature_of(file)
    if not signature.is_file():
        raise UserError(
            f"it is not signed: there is no {signature.name}", fix=SIGN_AGAIN, file=file
        )
    found = _ask("find-principals", content, signature, signers)
    for name in found.stdout.splitlines():
        if _ask("verify", content, signature, signers, "-I", name).returncode == 0:
            return name
    if found.returncode == 0:
        raise UserError("it is not what was signed", fix=SIGN_AGAIN, file=file)
    what = f"its signature is of no key in {signers}"
    raise UserError(what, fix=f"{SIGN_AGAIN}; or add the key that signed it", file=file)


def _ask(
    question: str, content: Path, signature: Path, signers: Path, *more: str
) -> subprocess.CompletedProcess[str]:
    options = ("-n", NAMESPACE) if question == "verify" else ()
    command = ["ssh-keygen", "-Y", question, "-f", str(signers), *options, "-s", str(signature)]
    try:
        with content.open("rb") as file:
            return subprocess.run(
                [*command, *more], stdin=file, capture_output=True, text=True, check=False
            )
    except FileNotFoundError:
        raise _no_openssh() from None


def _no_openssh() -> UserError:
    return UserError("ssh-keygen isn't installed here", fix="install openssh-client")
