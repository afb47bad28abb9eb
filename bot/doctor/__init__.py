"""`signoff doctor`: is everything there that Signoff needs, and what to do if not."""
