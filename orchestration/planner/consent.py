"""Whether a person's own words ask for something to be done.

A model, or a text it has read, can call a tool; only what the person wrote makes it a wish.
"""

from orchestration.planner.desk import Verb
from orchestration.planner.offline.intents import Intent, intents_in

SAYING = {
    Verb.SUBMIT: "looks good, submit it",
    Verb.CANCEL: "cancel the deployment",
    Verb.RETRY: "retry the failed steps",
    Verb.ROLL_BACK: "roll it back",
    Verb.DESTROY: "tear it down",
    Verb.DISCARD: "discard the draft",
}
"""A complete message for each wish; each is read as that wish (tested)."""

_ASKED_BY = {
    Verb.SUBMIT: {Intent.SUBMIT},
    Verb.CANCEL: {Intent.CANCEL},
    Verb.RETRY: {Intent.RETRY},
    Verb.ROLL_BACK: {Intent.ROLL_BACK},
    Verb.DESTROY: {Intent.DESTROY},
    Verb.DISCARD: {Intent.DISCARD, Intent.CANCEL},
}


def asks_for(text: str, verb: Verb) -> bool:
    return bool(_ASKED_BY[verb] & set(intents_in(text)))
