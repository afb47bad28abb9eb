"""What Semantic Kernel imports and Signoff never uses, left out while it is imported.

pybars compiles the grammar of a template language when it is imported: 0.9 s of 2.3 s.
Source: semantic_kernel/prompt_template/handlebars_prompt_template.py of 1.45.0.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

_NAME = "pybars"


@contextmanager
def left_out() -> Iterator[None]:
    """Imports inside find an empty `pybars`; whoever asks for it later gets the real one."""
    if _NAME in sys.modules:
        yield
        return
    empty = ModuleType(_NAME)
    vars(empty).update(Compiler=None, PybarsError=Exception)
    sys.modules[_NAME] = empty
    try:
        yield
    finally:
        del sys.modules[_NAME]
