"""What a newer version of a card says that the one before did not."""

from collections.abc import Iterator, Sequence

from orchestration.cards.model import Block, Card, Details, Facts, Heading


def news(card: Card, before: Card | None) -> list[Block]:
    """The blocks that are new or changed, each below its heading; details only the first time."""
    known = dict(_sections(before)) if before else {}
    sections = {_kind(heading): below for heading, below in known.items()}
    found: list[Block] = []
    for heading, below in _sections(card):
        old = sections.get(_kind(heading), [])
        section = [new for block in below if (new := _new(block, old))]
        if heading and (section or heading not in known):
            found.append(heading)
        found += section
    return found


def _sections(card: Card) -> Iterator[tuple[Heading | None, list[Block]]]:
    heading: Heading | None = None
    below: list[Block] = []
    for block in card.blocks:
        if isinstance(block, Heading):
            yield heading, below
            heading, below = block, []
        else:
            below.append(block)
    yield heading, below


def _new(block: Block, old: Sequence[Block]) -> Block | None:
    match block:
        case Facts(rows):
            known = {row for other in old if isinstance(other, Facts) for row in other.rows}
            fresh = tuple(row for row in rows if row not in known)
            return Facts(fresh) if fresh else None
        case Details(label):
            labels = {_counted(other.label) for other in old if isinstance(other, Details)}
            return None if _counted(label) in labels else block
        case _:
            return None if block in old else block


def _kind(heading: Heading | None) -> str:
    """What a section is about: `dbw-ml-prod: applying` is about dbw-ml-prod."""
    return heading.text.partition(":")[0] if heading else ""


def _counted(label: str) -> str:
    """A label without its counts, which change."""
    return label.partition(" (")[0]
