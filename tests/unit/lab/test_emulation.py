from lab.binfmt import registration
from lab.emulation import drop_in


def test_our_entry_lets_sudo_become_root() -> None:
    shipped = r":qemu-aarch64:M::\x7f\x3a:\xff:/usr/libexec/aarch64-binfmt-P:OPF" + "\n"
    assert registration("arm64", shipped) == (
        r":homeport-arm64:M::\x7f\x3a:\xff:/usr/libexec/aarch64-binfmt-P:OCFP"
    )
    assert registration("amd64", ":q:M::a:b:/usr/bin/q:F").endswith(":/usr/bin/q:OCF")


def test_a_unit_gets_only_the_drop_in_that_it_needs() -> None:
    assert drop_in("[Service]\nExecStart=/bin/true\n") == ""
    assert drop_in("[Service]\nImportCredential=tmpfiles.*\n") == (
        "[Service]\nLoadCredential=\nSetCredential=\nImportCredential=\n"
    )
    assert drop_in("[Service]\nPrivateNetwork=yes\nPrivateTmp=yes\n") == (
        "[Service]\nPrivateNetwork=no\n"
    )
