"""Why a page is not shown, in words that say what to do instead."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Way:
    """A link that leads on."""

    label: str
    address: str


class Refusal(Exception):
    """`str()` is the sentence under the title."""

    def __init__(self, status: int, title: str, text: str, way: Way | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.title = title
        self.way = way


def no_page() -> Refusal:
    text = "Check the address, or open the page from the card in the chat."
    return Refusal(404, "There is no such page", text)


def no_deployment(id: str) -> Refusal:
    text = f"Nothing is kept about {id}. Check the address, or open the page from its card."
    return Refusal(404, "There is no such deployment", text)


def no_link(way: Way | None) -> Refusal:
    text = "Open the page from the card in the chat: its link lets you in."
    return Refusal(403, "This page opens with a link", _or_sign_in(text, way), way)


def bad_link(organisation: str, way: Way | None) -> Refusal:
    text = (
        f"It was cut off or altered on its way, or belongs to another organisation than "
        f"{organisation}. Open the page from the card in the chat."
    )
    return Refusal(403, "This link does not open anything here", _or_sign_in(text, way), way)


def old_link(way: Way | None) -> Refusal:
    text = "Links end after a while. Ask for the status in the chat: the new card has a new link."
    return Refusal(410, "This link has expired", _or_sign_in(text, way), way)


def _or_sign_in(text: str, way: Way | None) -> str:
    return f"{text} Or sign in." if way else text


def sign_in_needed(way: Way) -> Refusal:
    text = "What waits, what was and the figures are for people of the organisation."
    return Refusal(403, "Sign in to see this", text, way)


def sign_in_to_decide(way: Way) -> Refusal:
    text = "A link lets you look. To decide, sign in, so that it is known who decides."
    return Refusal(403, "Sign in to decide", text, way)


def no_sign_in() -> Refusal:
    text = (
        "Nobody can sign in here, so there are no overviews. "
        "Each deployment has its page: open it from the card in the chat."
    )
    return Refusal(404, "There is no such page", text)


def no_form() -> Refusal:
    text = "Go back, load the page anew, and try again."
    return Refusal(400, "This form cannot be taken", text)


def forged_form() -> Refusal:
    text = "It was not sent from a page of your present sign-in. Go back, load it anew, try again."
    return Refusal(403, "This form cannot be taken", text)
