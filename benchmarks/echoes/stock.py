"""An echo on the stock SDK: `python -m benchmarks.echoes.stock OPENID_URL TOKEN`.

It is handed its token, where stock would ask MSAL at every turn: MSAL takes no login without TLS.
"""

import asyncio
import sys

from aiohttp import web
from botbuilder.core import TurnContext
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
from botframework.connector.auth import ChannelValidation, MicrosoftAppCredentials

from benchmarks.echoes.listening import listening
from tests.far.teams.far import APP, PASSWORD, TENANT


class _Configuration:
    APP_ID, APP_PASSWORD = APP, PASSWORD
    APP_TYPE, APP_TENANTID = "SingleTenant", TENANT


class _Echo:
    async def on_turn(self, context: TurnContext) -> None:
        if context.activity.type == "message":
            await context.send_activity(f"echo: {context.activity.text}")


def main(openid_url: str, token: str) -> None:
    ChannelValidation.open_id_metadata_endpoint = openid_url
    MicrosoftAppCredentials.get_access_token = lambda *_: token
    adapter = CloudAdapter(ConfigurationBotFrameworkAuthentication(_Configuration))
    echo = _Echo()

    async def messages(request: web.Request) -> web.Response:
        return await adapter.process(request, echo) or web.Response(status=201)

    asyncio.run(listening(messages))


if __name__ == "__main__":
    main(*sys.argv[1:])
