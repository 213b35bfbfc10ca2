"""Documents against the JSON Schema of their kind; every failure becomes a diagnostic in our own words.

jsonschema takes longer to load than most manifests to read, so that it is asked only about documents that may be wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from rtcctl.errors import Diagnostic
from rtcctl.manifest.documents import Document
from rtcctl.manifest.interpolation import Filled
from rtcctl.schema import compiled, holds, manifest_schema

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

    from rtcctl.manifest.wording import Failure


def validate(documents: Iterable[Document], problems: list[Diagnostic]) -> None:
    """Check every document; note in `faulty` where something is wrong."""
    schemas = manifest_schema()["$defs"]
    doubtful = [each for each in documents if not each.broken and not holds(schemas[each.kind], each.data)]
    if not doubtful:
        return
    from rtcctl.manifest.wording import diagnose

    validators = _validators(schemas)
    for document in doubtful:
        failures = [_failure(error) for error in validators[document.kind].iter_errors(document.data)]
        for failure in _worth_telling(failures):
            document.faulty.append(failure.path)
            problems.extend(diagnose(failure, document))


def _validators(schemas: dict[str, Any]) -> dict[str, Validator]:
    """Return a validator for each kind of document."""
    import jsonschema
    from jsonschema.validators import extend

    checker: Any = extend(  # type: ignore[no-untyped-call]
        jsonschema.Draft202012Validator, {"pattern": _pattern, "required": _required}
    )
    return {kind: checker(schema) for kind, schema in schemas.items()}


def _failure(error: ValidationError) -> Failure:
    from rtcctl.manifest.wording import Failure

    schema: Any = error.schema
    return Failure(
        rule=str(error.validator),
        value=error.validator_value,
        path=tuple(error.absolute_path),
        instance=error.instance,
        schema=schema,
        missing=error.message if error.validator == "required" else "",
        of_name="propertyNames" in error.schema_path,
    )


def _worth_telling(failures: list[Failure]) -> Iterator[Failure]:
    """Leave out what follows from something else: a value's limits beside its wrong type, texts that are missing."""
    mistyped = {failure.path for failure in failures if failure.rule == "type"}
    mismeasured = {failure.path for failure in failures if failure.rule in ("minLength", "maxLength")}
    for failure in failures:
        if isinstance(failure.instance, Filled) and not failure.instance.known:
            continue
        follows = mistyped if failure.rule != "type" else ()
        if failure.path not in follows and not (failure.rule == "pattern" and failure.path in mismeasured):
            yield failure


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    """Match as ECMAScript does: `$` is the end of the text, not a line break before it."""
    from jsonschema import ValidationError

    if isinstance(instance, str) and not compiled(pattern).search(instance):
        yield ValidationError("no match")


def _required(_: Any, names: list[str], instance: Any, __: Any) -> Iterator[ValidationError]:
    """Yield one failure for each missing member, with its name as message."""
    from jsonschema import ValidationError

    if isinstance(instance, dict):
        yield from (ValidationError(name) for name in names if name not in instance)
