"""The terminal chat: typed lines in, cards out."""
