"""What holds for every test."""

from hypothesis import settings

settings.register_profile("signoff", deadline=None)  # how long it takes is a benchmark's question
settings.load_profile("signoff")
