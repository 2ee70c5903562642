"""What tests of several modules share: systemd words."""

from __future__ import annotations

ESCAPES = {"\\": "\\", '"': '"', "'": "'", "n": "\n", "t": "\t", "s": " "}


def systemd_words(line: str) -> list[str]:
    """A command line as systemd.service(5) has it: words, quotes, C escapes, then ``%``, ``$``.

    An unquoted ``;`` that stands alone ends the command; ``$NAME`` and ``${NAME}`` are replaced.
    Both are errors here, since what was asked for is the word itself.
    """
    words, at = [], 0
    while at < len(line):
        if line[at] == " ":
            at += 1
            continue
        assert line[at:].split(" ")[0] != ";", "the command ends here"
        word, quote = "", ""
        while at < len(line) and (quote or line[at] != " "):
            letter = line[at]
            if letter == "\\":
                at += 1
                word += ESCAPES[line[at]]
            elif letter == quote:
                quote = ""
            elif not quote and letter in "\"'":
                quote = letter
            else:
                word += letter
            at += 1
        assert not quote, "a quote is left open"
        words.append(_dollars(_percents(word)))
    return words


def _percents(word: str) -> str:
    assert "%" not in word.replace("%%", ""), "a specifier"
    return word.replace("%%", "%")


def _dollars(word: str) -> str:
    rest = word.replace("$$", "")
    assert "$" not in rest, "a variable"
    return word.replace("$$", "$")
