"""What the pages are told."""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

SignIn = Literal["none", "entra", "google", "github"]


@dataclass(frozen=True, slots=True)
class PagesConfig:
    """`link_key` signs links, which open for `link_valid_s`; `sign_in` is who says who they are."""

    organisation: str
    public_url: str
    link_key: bytes = field(repr=False)
    link_valid_s: float
    sign_in: SignIn
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)

    @property
    def secure(self) -> bool:
        """Whether browsers reach the pages over TLS."""
        return self.public_url.startswith("https://")

    @property
    def origin(self) -> str:
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
