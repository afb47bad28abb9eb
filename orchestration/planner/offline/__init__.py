"""The embedded chat-completion service: function calls from rules, no key and no network."""
