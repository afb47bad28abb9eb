"""Slack: events, interactivity, commands and views in; messages, modals and the Home tab out."""
