"""Secrets of this field that detect-secrets does not know by itself."""

import re

from detect_secrets.plugins.base import RegexBasedDetector


class EntraClientSecretDetector(RegexBasedDetector):
    """Source: rule `azure-ad-client-secret` of gitleaks."""

    secret_type = "Entra Client Secret"
    denylist = (re.compile(r"(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{31,34}(?![\w.~-])"),)


class SlackAppTokenDetector(RegexBasedDetector):
    """App-level tokens, which Socket Mode connects with, and those that rotate."""

    secret_type = "Slack App Token"
    denylist = (
        re.compile(r"xapp-\d-[A-Z0-9]{8,}-\d{8,}-[0-9a-f]{16,}"),
        re.compile(r"xoxe(?:\.xox[bp])?-\d-[A-Za-z0-9]{30,}"),
    )


class AccountKeyDetector(RegexBasedDetector):
    """Of Cosmos DB, Storage, Service Bus: 64 bytes or 32, in a connection string or alone."""

    secret_type = "Azure Account Key"
    denylist = (
        re.compile(r"(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{42,86}=="),
        re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==(?![A-Za-z0-9+/=])"),
    )
