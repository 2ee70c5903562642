"""A configuration file lies in folders that are described before it."""

from __future__ import annotations

from homeport.manifest.model.config_file import folders


def test_config_file_lies_in_its_folders_the_outermost_first() -> None:
    assert folders("a/b/c.conf") == ("a", "a/b")
    assert folders("c.conf") == ()
