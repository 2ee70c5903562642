"""Addresses of package indexes and repositories: none may carry a password."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from homeport.manifest.types.issues import refuse
from homeport.manifest.types.text import Text

INDEX = "https?://[A-Za-z0-9.:\\[\\]-]+(?:[/?][!-~]*)?"
REPOSITORY = "(?:https?|ssh|git|file)://[!-~]+|[A-Za-z0-9._][A-Za-z0-9._-]*@[A-Za-z0-9.-]+:[!-~]+"
USER = re.compile("([a-z]+)://([^/?#]*)@", re.IGNORECASE)


def without_credentials(url: str) -> str:
    """Return the URL. Raises ``ValueError``, without the URL, if it has credentials."""
    user = USER.match(url)
    # ssh://git@host names an account and no secret; in https:// even a name alone may be a token.
    if user and (user[1].lower() in ("http", "https") or ":" in user[2]):
        fix = "put them in ~/.netrc, or in a credential helper of git, and remove them here"
        raise refuse("the URL has credentials in it", fix)
    return url


def index(url: str) -> str:
    """Return the URL. Raises ``ValueError`` if it can't be a package index."""
    without_credentials(url)
    if not re.fullmatch(INDEX, url):
        raise refuse("this is not the URL of an index", "write it as https://host/simple")
    return url


def repository(url: str) -> str:
    """Return the URL. Raises ``ValueError`` if it can't be a git repository."""
    without_credentials(url)
    if not re.fullmatch(REPOSITORY, url):
        fix = "write it as https://host/path.git or git@host:path.git"
        raise refuse("this is not the URL of a git repository", fix)
    return url


IndexUrl = Annotated[
    Text, Field(json_schema_extra={"pattern": f"^(?:{INDEX})$"}), AfterValidator(index)
]
RepositoryUrl = Annotated[
    Text, Field(json_schema_extra={"pattern": f"^(?:{REPOSITORY})$"}), AfterValidator(repository)
]
