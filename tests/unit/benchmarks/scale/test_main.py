"""What benchmarks.scale.main promises."""

from __future__ import annotations

import pytest

from benchmarks.scale.__main__ import main


@pytest.mark.parametrize("wrong", ["0", "ten", "10,-1"])
def test_scale__a_number_of_hosts_is_a_number(
    wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--hosts", wrong])
    assert ended.value.code == 2
    assert "--hosts" in capsys.readouterr().err
