"""What things are called by."""

from collections.abc import Mapping
from typing import Any, NewType, TypeAlias

DeploymentId = NewType("DeploymentId", str)
StepId = NewType("StepId", str)
WorkspaceId = NewType("WorkspaceId", str)
"""`<organisation>/<environment>/<capability>/<name>`"""

Body: TypeAlias = Mapping[str, Any]
"""A JSON object."""
