"""Clicks on a draft card that change the draft: answers to its questions, and Undo."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from approvals.principals import Principal
from capabilities.capability import SHARED, Catalogue
from capabilities.regions import region_called
from capabilities.values import Json, Provenance, Value
from orchestration.cards.values import label
from orchestration.draft import Draft, Unusable, with_value
from orchestration.errors import UserError
from orchestration.messages import Clicked
from orchestration.planner.wording import SUBMITTED
from orchestration.sessions import Session


def clicked_draft(session: Session, click: Clicked, by: Principal, catalogue: Catalogue) -> Session:
    """The session after it; answers that cannot be used are in `unusable`.

    Raises: UserError - nothing to undo, nothing answered, an unknown button.
    """
    match click.verb:
        case "undo":
            return _undone(session)
        case "answer":
            return _answered(session, click, by, catalogue)
        case _:
            raise UserError(f"there is no button {click.verb!r} on this card")


def _undone(session: Session) -> Session:
    if session.is_submitted:
        raise UserError(SUBMITTED)
    if not session.earlier:
        raise UserError("there is nothing to undo")
    undone = session.drafting(session.earlier[-1], undone=1)
    return replace(undone, changes=("the last change was taken back",))


def _answered(session: Session, click: Clicked, by: Principal, catalogue: Catalogue) -> Session:
    """The good answers are kept; the others stay to be asked again."""
    draft, changes, unusable = session.draft, [], []
    for key, text in _answers(click):
        try:
            step_id, parameter = _place(draft, key)
            value = _parsed(draft, step_id, parameter, text, catalogue)
        except UserError as error:
            unusable.append(Unusable(key, text, str(error)))
            continue
        draft = with_value(draft, step_id, parameter, Value(value, Provenance.SAID, by.name))
        changes.append(f"{parameter.replace('_', ' ')}: {text} — said by {by.name}")
    if not changes and not unusable:
        raise UserError("fill in at least one answer")
    return replace(session.drafting(draft), changes=tuple(changes), unusable=tuple(unusable))


def _answers(click: Clicked) -> Iterable[tuple[str, str]]:
    if "parameter" in click.data:
        return [(click.data["parameter"], click.data.get("value", ""))]
    return [(key, text.strip()) for key, text in click.inputs.items() if text.strip()]


def _place(draft: Draft, key: str) -> tuple[str | None, str]:
    """The step and the parameter a question's key stands for."""
    if key in SHARED:
        return None, key
    step_id, _, parameter = key.rpartition(".")
    return draft.step(step_id or draft.steps[0].id).id, parameter


def _parsed(
    draft: Draft, step_id: str | None, parameter: str, text: str, catalogue: Catalogue
) -> Json:
    """The text as the parameter's own type. Raises: UserError - it is not one of its values."""
    if parameter == "region":
        found = region_called(text)
        text = found.name if found else text
    step = draft.step(step_id) if step_id else draft.steps[0]
    field = catalogue[step.capability].parameters.model_fields.get(parameter)
    if field is None:
        raise UserError(f"there is no {parameter!r} to answer here")
    parameters = catalogue[step.capability].parameters
    adapter: TypeAdapter[Any] = TypeAdapter(
        parameters.__annotations__.get(parameter, field.annotation)
    )
    try:
        return _value(adapter, text)
    except ValidationError as error:
        why = _why(error.errors()[0])
        raise UserError(f"{text!r} is no {label(parameter)}: {why}") from error


def _value(adapter: TypeAdapter[Any], text: str) -> Json:
    """Raises: ValidationError - neither the text nor the list it may stand for will do."""
    try:
        parsed: Json = adapter.dump_python(adapter.validate_strings(text), mode="json")
    except ValidationError as error:
        if error.errors()[0]["type"] != "list_type":
            raise
        items = [item.strip() for item in text.split(",")]
        parsed = adapter.dump_python(adapter.validate_python(items), mode="json")
    return parsed


def _why(error: Mapping[str, Any]) -> str:
    """What would do instead. Source: pydantic, validation errors."""
    match error["type"]:
        case "int_parsing" | "float_parsing" | "int_from_float":
            return "say a number"
        case "bool_parsing":
            return "say yes or no"
        case "literal_error" | "enum":
            return f"say {error.get('ctx', {}).get('expected', 'another one')}"
        case _:
            message = error["msg"].removeprefix("Value error, ")
            return f"{message[:1].lower()}{message[1:]}"
