"""What tools.docgen.unit_tables promises."""

from __future__ import annotations

from tools.docgen import unit_tables


def test_unit_tables__a_unit_that_somebody_else_wrote_is_told_too() -> None:
    text = (
        "[Service]\n# ExecStart=no\nExecStart=/bin/a -b\nExecStart=/bin/c\nRuntimeDirectory=x y\n"
    )
    row = unit_tables.service("other.service", text)
    assert (row["runs"], row["as"], row["memory at most"]) == (
        "`/bin/a -b`, `/bin/c`",
        "`root`",
        "",
    )
    assert [place["path"] for place in unit_tables.directories([text])] == ["`/run/x`", "`/run/y`"]
    assert {place["mode"] for place in unit_tables.directories([text])} == {"755"}
    timer = unit_tables.timer("t.timer", "[Timer]\nOnBootSec=5\nOnUnitActiveSec=30\nUnit=x\n")
    assert timer["when"] == "`OnBootSec=5`, `OnUnitActiveSec=30`"
