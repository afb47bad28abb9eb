"""The planner: a message becomes a changed draft, a wish, or a short answer.

Importing this package does not import Semantic Kernel; `build.planner(...)` loads it when warmed.
"""
