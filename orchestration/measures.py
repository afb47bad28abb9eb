"""What is counted and timed; docs/metrics.md describes every instrument.

    measures.decided("approve", "counted")

Nothing is kept before a reader is there (`bot.exporting`). Every label has few values, known
beforehand: never an id, a name that a person chose, or a text.
"""

from asyncio import CancelledError
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Literal, TypeAlias, get_args

from opentelemetry import metrics

from orchestration.errors import PermanentError, TemporaryError, UserError

Outcome: TypeAlias = str
"""`ok`, or why not: a word of `kind_of`, or what the caller names."""

_meter = metrics.get_meter("signoff")
_QUICK = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
_SPOKEN = (0.05, 0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 20, 60, 300)
_LONG = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200)
_UNITS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_TOKENS = (64, 256, 1024, 4096, 16384, 65536)


def _timed(name: str, buckets: Sequence[float], description: str) -> metrics.Histogram:
    return _meter.create_histogram(
        name, unit="s", description=description, explicit_bucket_boundaries_advisory=buckets
    )


_requests = _timed("http.server.request.duration", _QUICK, "requests of vendors and browsers")
_acknowledgements = _timed(
    "signoff.acknowledgement.duration", _QUICK, "from the arrival of an event until it is stored"
)
_turns = _timed("signoff.turn.duration", _SPOKEN, "a turn of a thread, from stored to answered")
_jobs = _timed("signoff.job.duration", _LONG, "a Terraform job of a step")
_slots = _timed("signoff.job.queue.duration", _LONG, "a job until a worker takes it")
_waits = _timed("signoff.apply.wait", _LONG, "from the last sign-off until its apply starts")
_messages = _timed("signoff.message.duration", _QUICK, "sending one message to a surface")
_lags = _timed("signoff.outbox.lag", _SPOKEN, "from known until all of an outbox was sent")
_stores = _timed("db.client.operation.duration", _QUICK, "a call of the store")
_planners = _timed("signoff.planner.duration", _SPOKEN, "one service's try at answering a turn")
_tokens = _meter.create_histogram(
    "gen_ai.client.token.usage",
    unit="{token}",
    description="tokens of one request to a model",
    explicit_bucket_boundaries_advisory=_TOKENS,
)
_charges = _meter.create_histogram(
    "azure.cosmosdb.client.operation.request_charge",
    unit="{request_unit}",
    description="request units of one call of Cosmos DB",
    explicit_bucket_boundaries_advisory=_UNITS,
)
_spent = _meter.create_counter(
    "signoff.model.cost", unit="usd", description="what models have cost, where a price is known"
)
_decisions = _meter.create_counter("signoff.decisions", description="clicks that decide")
_approved = _meter.create_counter(
    "signoff.approved.cost", unit="usd", description="monthly cost of the steps signed off"
)
_failures = _meter.create_counter("signoff.failures", description="what went wrong, by who acts")
_restarts = _meter.create_counter(
    "signoff.process.restarts", description="child processes that died and were started again"
)
_up = _meter.create_gauge("signoff.dependency.up", description="1 when the last look found it well")
_waiting = _meter.create_gauge(
    "signoff.outbox.waiting", description="threads and deployments with something to be said"
)
_open = _meter.create_gauge("signoff.deployments.open", description="deployments not at their end")
_free = _meter.create_gauge(
    "signoff.disk.free", unit="By", description="free space where the store folder is"
)

_clock = _meter.create_gauge("signoff.clock", unit="s", description="what time the process has")

FailureKind: TypeAlias = Literal["user", "temporary", "permanent", "terraform", "unknown", "fault"]
"""`unknown`: Terraform was killed, and what exists has to be looked up."""
_DURING = ("receive", "turn", "plan", "apply", "confirm", "stop")


def begin() -> None:
    """Failures are counted from 0, or nobody would see the first one rise."""
    for kind in get_args(FailureKind):
        for during in _DURING:
            _failures.add(0, {"kind": kind, "during": during})


def requested(method: str, route: str, status: int, seconds: float) -> None:
    """`route` as it was registered, never the path that was asked for."""
    told = {"http.request.method": method, "http.route": route}
    _requests.record(seconds, {**told, "http.response.status_code": status})


def acknowledged(surface: str, outcome: Outcome, seconds: float) -> None:
    _acknowledgements.record(seconds, {"surface": surface, "outcome": outcome})


def turn_ended(outcome: Outcome, seconds: float) -> None:
    _turns.record(seconds, {"outcome": outcome})


def decided(verdict: str, outcome: Outcome) -> None:
    _decisions.add(1, {"verdict": verdict, "outcome": outcome})


def approved(environment: str, monthly_usd: float) -> None:
    _approved.add(monthly_usd, {"environment": environment})


def job_ended(operation: str, capability: str, outcome: Outcome, seconds: float) -> None:
    told = {"operation": operation, "capability": capability, "outcome": outcome}
    _jobs.record(seconds, told)


def job_taken(operation: str, waited_s: float) -> None:
    _slots.record(waited_s, {"operation": operation})


def apply_started(environment: str, waited_s: float) -> None:
    _waits.record(waited_s, {"environment": environment})


def failed(kind: FailureKind, during: str) -> None:
    _failures.add(1, {"kind": kind, "during": during})


def message_sent(surface: str, kind: str, outcome: Outcome, seconds: float) -> None:
    _messages.record(seconds, {"surface": surface, "kind": kind, "outcome": outcome})


def waited_in_outbox(container: str, seconds: float) -> None:
    _lags.record(seconds, {"container": container})


def outboxes_waiting(container: str, count: int) -> None:
    _waiting.set(count, {"container": container})


def store_called(container: str, operation: str, outcome: Outcome, seconds: float) -> None:
    told = {"db.collection.name": container, "db.operation.name": operation, "outcome": outcome}
    _stores.record(seconds, told)


def store_charged(container: str, operation: str, request_units: float) -> None:
    told = {"db.collection.name": container, "db.operation.name": operation}
    _charges.record(request_units, told)


def planner_asked(service: str, outcome: Outcome, seconds: float) -> None:
    """`outcome` is a short word for what failed: an HTTP status, `timeout`, a type of error."""
    _planners.record(seconds, {"service": service, "outcome": outcome})


def tokens_used(model: str, sent: int, answered: int, usd: float | None) -> None:
    """`usd` is None where no price is known; nothing is counted then rather than nothing spent."""
    about = {"gen_ai.request.model": model}
    _tokens.record(sent, {**about, "gen_ai.token.type": "input"})
    _tokens.record(answered, {**about, "gen_ai.token.type": "output"})
    if usd is not None:
        _spent.add(usd, about)


def child_restarted(child: str) -> None:
    _restarts.add(1, {"child": child})


def dependency(name: str, *, well: bool) -> None:
    _up.set(int(well), {"dependency": name})


def deployments_open(count: int) -> None:
    _open.set(count)


def machine(*, free_bytes: int, unix_s: float) -> None:
    """Of the disk that holds the store folder, and of the clock."""
    _free.set(free_bytes)
    _clock.set(unix_s)


def kind_of(error: BaseException) -> FailureKind:
    """Who acts on an error; Terraform's own says so itself (`failed("terraform", ...)`)."""
    match error:
        case UserError():
            return "user"
        case TemporaryError():
            return "temporary"
        case PermanentError():
            return "permanent"
        case _:
            return "fault"


class Timing:
    """How long something takes and how it ends."""

    def __init__(self) -> None:
        self.outcome: Outcome = "ok"
        """Set it to say more than that there was an error, or none."""
        self._since = monotonic()

    @property
    def seconds(self) -> float:
        return monotonic() - self._since


@contextmanager
def timing(told: Callable[[Outcome, float], None]) -> Iterator[Timing]:
    """Tells the outcome and the seconds of what is inside; an error goes on its way."""
    timed = Timing()
    try:
        yield timed
    except BaseException as error:
        if timed.outcome == "ok":
            timed.outcome = "cancelled" if isinstance(error, CancelledError) else kind_of(error)
        raise
    finally:
        told(timed.outcome, timed.seconds)
