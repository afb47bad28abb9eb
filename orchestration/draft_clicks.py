"""Clicks on a draft card that change the draft: answers to its questions, and Undo."""

from collections.abc import Iterable
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
    adapter: TypeAdapter[Any] = TypeAdapter(
        catalogue[step.capability].parameters.__annotations__.get(parameter, field.annotation)
    )
    try:
        parsed: Json = adapter.dump_python(adapter.validate_strings(text), mode="json")
    except ValidationError as error:
        why = error.errors()[0]["msg"]
        raise UserError(f"{text!r} is no {label(parameter)}: {why[:1].lower()}{why[1:]}") from error
    return parsed
