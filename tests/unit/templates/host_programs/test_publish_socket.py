"""What templates.host_programs.publish-socket promises."""

from __future__ import annotations

import subprocess
from pathlib import Path

from homeport.engine.host_programs import host_program


def shown(tmp_path: Path, *arguments: str) -> list[str]:
    """Run it with a chgrp that only notes, and return what that was told."""
    chgrp, log = tmp_path / "bin/chgrp", tmp_path / "log"
    chgrp.parent.mkdir(exist_ok=True)
    chgrp.write_text(f'#!/bin/sh\necho "$*" >>{log}\n')
    chgrp.chmod(0o755)
    env = {"PATH": f"{chgrp.parent}:/usr/bin:/bin"}
    program = f"umask 077\n{host_program('publish-socket').decode()}"
    subprocess.run(["sh", "-c", program, "sh", *arguments], env=env, check=True)
    return log.read_text().splitlines()


def test_publish_socket__the_web_server_is_let_into_the_folder_of_a_socket_and_nowhere_else(
    tmp_path: Path,
) -> None:
    assert shown(tmp_path, "/run/shop-web-a/web.sock") == ["www-data /run/shop-web-a"]


def test_publish_socket__a_process_without_slots_has_the_links_that_the_web_server_follows(
    tmp_path: Path,
) -> None:
    link = tmp_path / "sockets/shop/web.sock"
    for socket_ in ("/run/old/web.sock", "/run/shop-web/web.sock"):
        shown(tmp_path, socket_, str(link))
    assert {path.name: str(path.readlink()) for path in link.parent.iterdir()} == {
        "web.sock": "/run/shop-web/web.sock",
        "web.previous.sock": "/run/shop-web/web.sock",
    }
    assert link.parent.stat().st_mode & 0o777 == link.parent.parent.stat().st_mode & 0o777 == 0o755
