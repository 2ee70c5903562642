"""A document and the override of a host, judged together before anything connects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from homeport.errors import UserError, UserErrors
from homeport.manifest.model.app import App
from homeport.manifest.model.bootstrap import BootstrapData
from homeport.manifest.model.rollout import Rollout, RolloutData
from homeport.manifest.reading.document import Document
from homeport.manifest.reading.merge import merge
from homeport.manifest.reading.source_map import SourceMap
from homeport.manifest.types.issues import Issue, KeyPath, dotted
from homeport.manifest.validation.conflicts import conflicts
from homeport.manifest.validation.file_checks import absent
from homeport.manifest.validation.renamed_keys import renamed_keys


def validate(
    document: Document, override: Mapping[str, object] | None = None, where: str | None = None
) -> App:
    """Return the application that the document describes, with the override laid over it.

    Raises ``UserError``, or ``UserErrors`` if there are several: each with the file and line of its
    key, or with ``where`` if the key comes from the override.
    """
    where = where or "the override"
    override = {} if override is None else override
    merged = merge(document.data, override, where)
    origin = SourceMap(document, merged, where)
    # A None of the override has removed its key: an old name there would be passed over in silence.
    renamed = {each.keys: each for data in (merged.data, override) for each in renamed_keys(data)}
    found = [*renamed.values(), *_valueless(merged.data, ())]
    try:
        context = {"root": document.path.parent.absolute(), "origin": origin}
        app = App.model_validate(merged.data, context=context)
    except ValidationError as error:
        disagreeing = _complaints(error)
    else:
        disagreeing = list(conflicts(app)) or list(absent(app))
        if not found and not disagreeing:
            return app
    known = {complaint.keys for complaint in found}
    found += (each for each in disagreeing if each.keys not in known)
    raise _error_of([origin.error(complaint) for complaint in found])


def validate_machine(data: Mapping[str, object], where: str) -> BootstrapData:
    """Return the keys of host data that describe the machine; it may have others.

    Raises ``UserError``, or ``UserErrors`` if there are several.
    """
    known = {key: data[key] for key in BootstrapData.model_fields if data.get(key) is not None}
    try:
        return BootstrapData.model_validate(known)
    except ValidationError as error:
        raise _in_host_data(error, where) from None


def validate_rollout(rollout: Mapping[str, object], where: str) -> Rollout:
    """Return the rollout policy of host data. Raises ``UserError``, or ``UserErrors``."""
    try:
        return RolloutData.model_validate({"rollout": dict(rollout)}).rollout
    except ValidationError as error:
        raise _in_host_data(error, where) from None


def _complaints(error: ValidationError) -> list[Issue]:
    # An application that is well spares itself the import.
    from homeport.manifest.validation.pydantic_errors import complaints_of

    return list(complaints_of(error))


def _in_host_data(error: ValidationError, where: str) -> UserError:
    found = _complaints(error)
    return _error_of(
        [UserError(c.what, fix=c.fix, file=where, key=dotted(c.keys[0])) for c in found]
    )


def _valueless(value: object, path: KeyPath) -> Iterator[Issue]:
    if value is None:
        fix = 'give it a value ("" for an empty text), or remove the key'
        yield Issue("the value is missing", fix, (path,))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _valueless(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _valueless(item, (*path, number))


def _error_of(errors: list[UserError]) -> UserError:
    if len(errors) == 1:
        return errors[0]
    return UserErrors(sorted(errors, key=lambda error: error.line or 10**9))
