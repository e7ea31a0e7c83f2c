"""What makes a class as good as a dataclass; ``dataclasses`` is read only when it is needed."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class FromTwin:
    """An attribute that a dataclass of the same fields has: ``__dataclass_fields__`` and its kin.

    The class names in ``_derived`` the fields that its constructor does not take.
    """

    def __set_name__(self, _owner: type, name: str) -> None:
        """Learn which attribute it is."""
        self._name = name

    def __get__(self, _instance: object, owner: Any) -> object:  # noqa: ANN401  # any class
        """The twin's attribute."""
        from dataclasses import field, make_dataclass

        fields = [
            (name, kind, field(init=name not in owner._derived))
            for name, kind in owner.__annotations__.items()
        ]
        twin = make_dataclass(owner.__name__, fields, kw_only=True, frozen=True, repr=False)
        return getattr(twin, self._name)
