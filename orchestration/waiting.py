"""All that waits for something, page by page: for sweeps."""

from orchestration.ports import Store


async def all_waiting(store: Store, container: str, what: str) -> tuple[str, ...]:
    """Every partition that holds a document which waits for `what`, each once."""
    found: dict[str, None] = {}
    cursor: str | None = None
    while True:
        page = await store.waiting(container, what, cursor=cursor)
        found |= dict.fromkeys(page.found)
        cursor = page.cursor
        if cursor is None:
            return tuple(found)
