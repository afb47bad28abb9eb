"""The embedded process tree: an engine and a worker, kept alive and never left behind."""
