"""A copy of the file as of one moment, while others write."""

from contextlib import closing
from pathlib import Path

from orchestration.adapters.sqlite.schema import connect, translating


def copied(path: Path, to: Path) -> None:
    """`to` is a file that is not there yet; it is readable by its owner only.

    Raises: PermanentError, TemporaryError.

    Source: SQLite, VACUUM INTO: one read transaction, which a writer neither waits for nor ends.
    """
    with translating(f"copying the store {str(path)!r} to {str(to)!r}"):
        to.touch(mode=0o600, exist_ok=False)
        with closing(connect(path)) as connection:
            connection.execute("VACUUM INTO ?", (str(to),))
