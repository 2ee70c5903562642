"""What lab.emulation promises."""

from lab.emulation import drop_in


def test_emulation__a_unit_gets_only_the_drop_in_that_it_needs() -> None:
    assert drop_in("[Service]\nExecStart=/bin/true\n") == ""
    assert drop_in("[Service]\nImportCredential=tmpfiles.*\n") == (
        "[Service]\nLoadCredential=\nSetCredential=\nImportCredential=\n"
    )
    assert drop_in("[Service]\nPrivateNetwork=yes\nPrivateTmp=yes\n") == (
        "[Service]\nPrivateNetwork=no\n"
    )
