"""The files of nginx: tried in their place, read by it, proven by a request, or taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from shlex import quote

from pyinfra.api.command import StringCommand

from homeport.engine.kind import Change, Commands, DesiredState, payloads
from homeport.files import managed_set
from homeport.files.entries import Absent, File, PathEntry, stage
from homeport.operations.proxy.certificates import Certificate
from homeport.operations.proxy.resources import FOLDER, NAME, UNIT, Site

FUNCTIONS = Path(__file__).with_suffix(".sh").read_text()
ANSWERS = """\
answers() {{
  {ask} || return 1
  while read -r url digest; do
    if [ -n "$url" ] && [ "$(asked "$url")" = "$digest" ]; then return 1; fi
  done <<WAS
$was
WAS
}}"""
"""Shell: whether nginx runs what is there, and no longer what was in the files that left."""


def run(
    description: DesiredState,
    sites: Sequence[Site],
    changes: Sequence[Change[PathEntry]],
    enable: bool,
) -> Commands:
    """Yield what puts these files in place, after which nginx runs these sites."""
    app, snapshot_context = description.app, description.snapshot_context
    coming = [file.path for file in payloads(changes, File) if _is_site(file)]
    leaving = [entry.path for entry in payloads(changes, Absent) if _is_site(entry)]
    check = _check(description, sites, coming, leaving)
    start = f"systemctl enable --quiet {UNIT}\n" if enable else ""
    if not coming and not leaving:
        yield from (
            managed_set.apply(app, NAME, changes, snapshot_context=snapshot_context)
            if changes
            else ()
        )
        yield StringCommand(f"set -eu\numask 077\n{check}\n{start}was=\nproven || exit 1")
        return
    touched = _words([managed_set.ledger(app, NAME, snapshot_context), *coming, *leaving])
    digests = f"sed -n 's/^# It says \\([0-9a-f]*\\) at \\([^ ]*\\) .*/\\2 \\1/p' {_words(leaving)}"
    before = f"was={f'$({digests} 2>/dev/null || :)' if leaving else ''}\nkeep {touched}"
    after = f"""\
{start}if ! proven; then
  back {touched}
  turn || :
  echo "nginx has its old configuration again" >&2
  exit 1
fi
rm -rf "$kept\""""
    yield from managed_set.apply(app, NAME, changes, before, check, after, snapshot_context)


def _is_site(entry: PathEntry) -> bool:
    return entry.path.startswith(f"{FOLDER}/homeport-")


def _check(
    description: DesiredState, sites: Sequence[Site], coming: Sequence[str], leaving: Sequence[str]
) -> str:
    got = {certificate.certificate for certificate in description.of(Certificate)}
    names = [f'conflicting server name "{name}" ' for site in sites for name in site.names]
    staged = [f"{stage(path)}/{path.rpartition('/')[2]}" for path in coming]
    ask = " && ".join(f'[ "$(asked {quote(site.url)})" = {site.digest} ]' for site in sites)
    fits = [
        f"fits {_words([site.certificate, site.key])} {_words(map(_example, site.names))}"
        for site in sites
        if site.certificate and site.certificate not in got
    ]
    return "\n".join(
        [
            FUNCTIONS,
            f"SITES={len(sites)}",
            f"CLASHES={quote(chr(10).join(dict.fromkeys(names)) or 'conflicting server name ~.')}",
            ANSWERS.format(ask=ask or ":"),
            *fits,
            f"trial {_words(staged)} -- {_words(leaving)}",
        ]
    )


def _example(name: str) -> str:
    return name.replace("*", "homeport")


def _words(words: Iterable[str]) -> str:
    return " ".join(map(quote, words))
