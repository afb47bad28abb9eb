"""What the app is registered with: the manifest asks for exactly this."""

COMMAND = "/signoff"
REQUEST_SHORTCUT = "signoff_request"
MESSAGE_SHORTCUT = "signoff_from_message"
EVENTS_PATH = "/slack/events"
INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"

SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "groups:history",
    "groups:read",
    "im:history",
    "im:write",
    "mpim:history",
    "users:read",
    "users:read.email",
)
"""Of the bot; nothing is asked of users."""

EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "member_joined_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "tokens_revoked",
)
