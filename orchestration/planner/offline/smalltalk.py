"""Answers to what is not a request."""

from orchestration.planner.offline.intents import Intent
from orchestration.planner.offline.reading import Reading

EXAMPLE = "Say what you need, for example `Databricks for the ML team in production, East US`."


def small_talk(reading: Reading) -> str:
    """One short useful sentence; nothing is changed by it."""
    intents = set(reading.intents)
    if Intent.INJECTION in intents:
        return f"I only fill in requests for infrastructure; nothing was changed. {EXAMPLE}"
    if Intent.THANKS in intents:
        return "You're welcome."
    if Intent.HELLO in intents:
        return f"Hello! {EXAMPLE}"
    if Intent.NO in intents or Intent.YES in intents:
        return "All right; nothing was changed."
    return f"I did not understand that, so nothing was changed. {EXAMPLE}"
