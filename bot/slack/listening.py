"""What is listened to, as bolt's listeners. Everything is persisted before it is acknowledged."""

import logging
import re
from dataclasses import dataclass

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.arrivals import Arrivals
from bot.slack.authorize import Authorize
from bot.slack.clicks import Clicks
from bot.slack.command import Commands
from bot.slack.forms import Errors, Forms
from bot.slack.home import Home
from bot.slack.registration import COMMAND, MESSAGE_SHORTCUT, REQUEST_SHORTCUT
from bot.slack.shortcuts import Shortcuts
from bot.slack.talk import Here, Talk
from bot.slack.tokens import Tokens
from bot.slack.web_api import sdk_log
from orchestration.errors import TemporaryError, UserError

_ANY = re.compile(".*", re.DOTALL)
_FORM = re.compile(rf"(?!{REQUEST_SHORTCUT}$).*", re.DOTALL)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listeners:
    talk: Talk
    clicks: Clicks
    forms: Forms
    commands: Commands
    shortcuts: Shortcuts
    home: Home
    arrivals: Arrivals


def bolt_app(listeners: Listeners, tokens: Tokens, client: AsyncWebClient) -> AsyncApp:
    """Its requests are verified before they get here.

    With `process_before_response` an event is acknowledged when its listener returns; otherwise
    bolt acknowledges first, and what fails afterwards is lost.
    """
    app = AsyncApp(
        name="signoff",
        logger=sdk_log(),
        client=client,
        signing_secret="",
        request_verification_enabled=False,
        process_before_response=True,
        authorize=Authorize(tokens),
    )
    app.error(_failed)
    _hear(app, listeners)
    _react(app, listeners)
    return app


def _hear(app: AsyncApp, to: Listeners) -> None:
    async def heard(context: AsyncBoltContext) -> None:
        await to.talk.heard(_here(context), context["body"])

    async def home_opened(context: AsyncBoltContext) -> None:
        if context["body"].tab == "home":
            to.home.opened(context["team"], context["body"].user)

    async def joined(context: AsyncBoltContext) -> None:
        to.arrivals.joined(_here(context), context["body"])

    async def left(context: AsyncBoltContext) -> None:
        await to.arrivals.left(context["team"], context.enterprise_id or "", context["body"])

    async def ignored() -> None: ...

    app.event("app_mention")(heard)
    app.event("message")(heard)
    app.event("app_home_opened")(home_opened)
    app.event("member_joined_channel")(joined)
    app.event("app_uninstalled")(left)
    app.event("tokens_revoked")(left)
    app.event(re.compile("(?!message$).*"))(ignored)


def _react(app: AsyncApp, to: Listeners) -> None:
    async def pressed(ack: AsyncAck, context: AsyncBoltContext) -> None:
        await to.clicks.pressed(_here(context), context["body"])
        await ack()

    async def form(ack: AsyncAck, context: AsyncBoltContext) -> None:
        await _closed(ack, await to.forms.submitted(_here(context), context["body"]))

    async def request(ack: AsyncAck, context: AsyncBoltContext) -> None:
        await _closed(ack, await to.shortcuts.submitted(_here(context), context["body"]))

    async def command(ack: AsyncAck, context: AsyncBoltContext) -> None:
        answer = await to.commands.answered(_here(context), context["body"])
        await ack(response_type="ephemeral", **answer)

    async def asked_for(ack: AsyncAck, context: AsyncBoltContext) -> None:
        await to.shortcuts.asked_for(_here(context), context["body"])
        await ack()

    async def taken(ack: AsyncAck, context: AsyncBoltContext) -> None:
        await to.shortcuts.taken(_here(context), context["body"])
        await ack()

    app.action(_ANY)(pressed)
    app.view_submission(REQUEST_SHORTCUT)(request)
    app.view_submission(_FORM)(form)
    app.command(COMMAND)(command)
    app.global_shortcut(REQUEST_SHORTCUT)(asked_for)
    app.message_shortcut(MESSAGE_SHORTCUT)(taken)


async def _closed(ack: AsyncAck, errors: Errors) -> None:
    """Close the form, or keep it open with what is wrong."""
    if errors:
        await ack(response_action="errors", errors=dict(errors))
    else:
        await ack()


def _here(context: AsyncBoltContext) -> Here:
    return Here(context["team"], context.bot_user_id or "", context.bot_id or "")


async def _failed(error: Exception) -> BoltResponse:
    """503 makes Slack send it again: at once, after a minute, after five."""
    if isinstance(error, UserError):
        return BoltResponse(status=200, body=str(error))
    if isinstance(error, TemporaryError):
        _log.warning("slack_request_postponed", exc_info=error)
        return BoltResponse(status=503, body={"error": "try again"})
    _log.error("slack_request_failed", exc_info=error)
    return BoltResponse(status=500, body={"error": "failed"})
