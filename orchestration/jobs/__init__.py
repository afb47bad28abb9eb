"""Terraform jobs of a step: what the engine's activities do, told by the store alone.

A job may be started more than once (an engine repeats what it is not sure about): it looks at the
step first, and only the attempt that the store lets in does anything.
"""
