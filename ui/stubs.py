"""Gradio without the stubs that it writes for editors.

For every class of a component, Gradio parses its source and writes a `.pyi` beside it, at each
import. That takes half of the import, and leaves files beside our modules.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

_WRITER = "gradio.component_meta"


def leave_out_stubs() -> None:
    """Let Gradio write no stubs, whether it is imported already or not."""
    if _WRITER in sys.modules:
        _silence(sys.modules[_WRITER])
    else:
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name == _WRITER else None
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        _silence(module)


def _silence(module: ModuleType) -> None:
    vars(module)["create_or_modify_pyi"] = _write_nothing


def _write_nothing(component_class: type, class_name: str, events: object) -> None:
    """Take the place of `create_or_modify_pyi`."""
