"""What lab.binfmt promises."""

from lab.binfmt import registration


def test_binfmt__our_entry_lets_sudo_become_root() -> None:
    shipped = r":qemu-aarch64:M::\x7f\x3a:\xff:/usr/libexec/aarch64-binfmt-P:OPF" + "\n"
    assert registration("arm64", shipped) == (
        r":homeport-arm64:M::\x7f\x3a:\xff:/usr/libexec/aarch64-binfmt-P:OCFP"
    )
    assert registration("amd64", ":q:M::a:b:/usr/bin/q:F").endswith(":/usr/bin/q:OCF")
