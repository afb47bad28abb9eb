"""Documents that come with a message, read as text."""
