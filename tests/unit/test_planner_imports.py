"""What importing the planner costs."""

import subprocess
import sys


def test_importing_the_planner_does_not_import_semantic_kernel() -> None:
    code = (
        "import sys, orchestration.planner, orchestration.planner.build;"
        "print([m for m in ('semantic_kernel', 'openai', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
