"""A double with a database, and a store in it that is quick to lose its patience."""

from orchestration.adapters.cosmos import Patience

DATABASE = "signoff"
QUICK = Patience(
    attempt_s=0.5, deadline_s=1.5, pause_s=0.001, longest_pause_s=0.01, chance=lambda: 1.0
)
