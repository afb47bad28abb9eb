"""Whoever looks at a page."""

from dataclasses import dataclass

from approvals.principals import Principal
from bot.web.sessions import Session


@dataclass(frozen=True, slots=True)
class SignedIn:
    person: Principal
    session: Session


@dataclass(frozen=True, slots=True)
class Visitor:
    """`token` is that of the link they came with, when it opens the page."""

    signed_in: SignedIn | None
    token: str = ""
    sign_in: str = ""
    """The address at which they could sign in; "" where nobody can."""

    @property
    def person(self) -> Principal | None:
        return self.signed_in.person if self.signed_in else None
