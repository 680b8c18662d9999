"""Forms: components by the name of the setting that each fills, in no order."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from gradio.blocks import Block

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Settings = TypeVar("Settings", bound="DataclassInstance")
Values = Mapping[Any, Any]
"""What the browser sends: the value of each component."""


@dataclass(frozen=True, slots=True)
class Form(Generic[Settings]):
    """The components of a form."""

    settings: type[Settings]
    """The dataclass that the form fills."""
    components: Mapping[str, Any]
    """A component for each of its fields."""

    def __post_init__(self) -> None:
        """Check that no field is left out and none is invented."""
        named = {field.name for field in fields(self.settings)}
        if named != set(self.components):
            wrong = ", ".join(sorted(named ^ set(self.components)))
            raise TypeError(f"A form fills all of {self.settings.__name__}, but not: {wrong}.")

    def inputs(self, *others: Block) -> set[Block]:
        """Return what an event sends: the form and some more components.

        Gradio gives the handler of an event whose inputs are a set a mapping from each component
        to its value.
        """
        return {*self.components.values(), *others}

    def read(self, values: Values) -> Settings:
        """Return the settings that were sent."""
        return self.settings(
            **{name: values[component] for name, component in self.components.items()}
        )
