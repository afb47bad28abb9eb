"""Who agreed, which gate each of them counts for, and who still could.

A person counts once per step and moment, for one gate, however many they qualify for: separation
of duties would mean nothing if one click of somebody with two roles met both. Which gate is chosen
so that as many gates as possible are met: an assignment of approvers to gates with augmenting
paths, so a later approval may move an earlier one to another gate that it also fits.

Source: docs/decisions/approvals-a-person-counts-once.md; H. W. Kuhn, The Hungarian method (1955).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from approvals.change import Digest
from approvals.gates import (
    Decision,
    Gate,
    GateId,
    GateState,
    Met,
    Moment,
    Open,
    Unmeetable,
    Verdict,
)
from approvals.principals import Principal, PrincipalId

Seats = Mapping[GateId, tuple[PrincipalId, ...]]
"""Who counts for which gate."""


@dataclass(frozen=True, slots=True)
class Standing:
    """All that decides whether a step may go on at one moment."""

    gates: tuple[Gate, ...]
    decisions: tuple[Decision, ...]
    """In the order in which they were recorded."""
    digest: Digest
    requester: PrincipalId
    people: tuple[Principal, ...]
    """Everybody in the directory, with the roles they have now."""
    moment: Moment = Moment.PLAN

    @property
    def asked(self) -> tuple[Gate, ...]:
        """The gates of this moment."""
        return tuple(gate for gate in self.gates if gate.moment is self.moment)

    @property
    def approvers(self) -> tuple[PrincipalId, ...]:
        """Who has approved this digest at this moment and not taken it back, in order."""
        latest: dict[PrincipalId, Verdict] = {}
        for each in self.decisions:
            if each.digest == self.digest and each.moment is self.moment:
                latest.pop(each.by, None)
                latest[each.by] = each.verdict
        return tuple(by for by, verdict in latest.items() if verdict is Verdict.APPROVE)

    @property
    def rejected_by(self) -> PrincipalId | None:
        """Who rejected the step: on whatever digest, it ends the step."""
        return next((d.by for d in self.decisions if d.verdict is Verdict.REJECT), None)

    def person(self, id: PrincipalId) -> Principal | None:
        return next((person for person in self.people if person.id == id), None)


def gate_state(
    gate: Gate,
    decisions: Sequence[Decision],
    digest: Digest,
    requester: PrincipalId,
    people: Iterable[Principal],
) -> GateState:
    """The state of one gate by itself; with several on a step, `states` sees them together."""
    standing = Standing(
        (gate,), tuple(decisions), digest, requester, tuple(people), moment=gate.moment
    )
    return states(standing)[gate.id]


def states(standing: Standing) -> dict[GateId, GateState]:
    """The state of every gate of this moment."""
    taken = seats(standing)
    best = _seated(standing, [person.id for person in standing.people], taken)
    reach = {person.id: useful(standing, person.id, taken) for person in standing.people}
    return {gate.id: _state(standing, gate, taken, best, reach) for gate in standing.asked}


def seats(standing: Standing) -> Seats:
    """The approvers, each at the one gate they count for."""
    return _seated(standing, standing.approvers, {gate.id: () for gate in standing.asked})


def useful(standing: Standing, person: PrincipalId, taken: Seats) -> frozenset[GateId]:
    """The open gates that this person's approval would bring further, the seats being `taken`."""
    if person in standing.approvers:
        return frozenset()
    return frozenset(_paths(standing, person, taken))


def all_met(standing: Standing) -> bool:
    """Whether the step may go on; never without a gate on its plan, nor once rejected.

    What is executed needs the sign-offs on its plan as well, still standing.
    """
    if standing.rejected_by or not at(standing, Moment.PLAN).asked:
        return False
    moments = {Moment.PLAN, standing.moment}
    met = (state for moment in moments for state in states(at(standing, moment)).values())
    return all(isinstance(state, Met) for state in met)


def at(standing: Standing, moment: Moment) -> Standing:
    """The same step, looked at for another moment."""
    return replace(standing, moment=moment)


def _state(
    standing: Standing,
    gate: Gate,
    taken: Seats,
    best: Seats,
    reach: Mapping[PrincipalId, frozenset[GateId]],
) -> GateState:
    missing = gate.count - len(taken[gate.id])
    if missing <= 0:
        return Met(taken[gate.id])
    lacking = gate.count - len(best[gate.id])
    if lacking > 0:
        return _unmeetable(standing, gate, lacking)
    return Open(missing, tuple(p for p in standing.people if gate.id in reach[p.id]))


def _unmeetable(standing: Standing, gate: Gate, lacking: int) -> Unmeetable:
    able = [p for p in standing.people if gate.qualifies(p, standing.requester)]
    who = gate.asks_for if lacking == gate.count else f"{lacking} more, for {gate.asks_for}"
    if able:
        names = ", ".join(person.name for person in able)
        why = f"it takes {gate.asks_for}; {names} cannot fill every gate, a person counts once"
    elif any(gate.names(p) and p.id == standing.requester for p in standing.people):
        why = f"it takes {gate.asks_for}, and nobody but the requester is one"
    else:
        why = f"it takes {gate.asks_for}, and there is none"
    return Unmeetable(why, who)


def _seated(standing: Standing, people: Iterable[PrincipalId], start: Seats) -> Seats:
    """Give each person a seat, moving others to gates they fit as well where that makes room."""
    taken = dict(start)
    for person in people:
        if any(person in sitting for sitting in taken.values()):
            continue
        paths = _paths(standing, person, taken)
        if paths:
            _move(taken, min(paths.values(), key=len))
    return taken


_Path = tuple[tuple[PrincipalId, GateId], ...]
"""Who sits down where, one after the other; each makes room for the one before."""


def _paths(standing: Standing, person: PrincipalId, taken: Seats) -> dict[GateId, _Path]:
    """The shortest way to a free seat at each gate that has one, for somebody without a seat."""
    found: dict[GateId, _Path] = {}
    seen: set[GateId] = set()
    queue: list[tuple[PrincipalId, _Path]] = [(person, ())]
    while queue:
        who, path = queue.pop(0)
        for gate in _fitting(standing, who, seen):
            seen.add(gate.id)
            step: _Path = (*path, (who, gate.id))
            if len(taken[gate.id]) < gate.count:
                found[gate.id] = step
            else:
                queue.extend((sitting, step) for sitting in taken[gate.id])
    return found


def _fitting(standing: Standing, id: PrincipalId, seen: set[GateId]) -> list[Gate]:
    """Gates for this person that were not looked at yet, those with the fewest people first."""
    person = standing.person(id)
    gates = [] if person is None else [g for g in standing.asked if g.id not in seen]
    fitting = [gate for gate in gates if person and gate.qualifies(person, standing.requester)]
    return sorted(fitting, key=lambda gate: _breadth(standing, gate))


def _breadth(standing: Standing, gate: Gate) -> tuple[int, str]:
    people = sum(gate.qualifies(person, standing.requester) for person in standing.people)
    return people, gate.id


def _move(taken: dict[GateId, tuple[PrincipalId, ...]], path: _Path) -> None:
    for who, gate in path:
        for other, sitting in taken.items():
            taken[other] = tuple(each for each in sitting if each != who)
        taken[gate] = (*taken[gate], who)
