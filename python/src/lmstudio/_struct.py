"""Records that speak JSON: the base class of every info, config and statistics class."""

from __future__ import annotations

from ._errors import LMStudioValueError
from ._nesting import shown, too_deep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar

    from typing_extensions import Self, dataclass_transform
else:

    def dataclass_transform(**_options: object) -> Callable[[type], type]:
        """Tell type checkers, and nobody else, that annotations make the constructor."""
        return lambda cls: cls


# Names whose capitals the rule of camel_case() does not give.
_SPECIAL_CAPITALS = {
    "use_fp16_for_kv_cache": "useFp16ForKVCache",
    "offload_kv_cache_to_gpu": "offloadKVCacheToGpu",
    "try_direct_io": "tryDirectIO",
}


def camel_case(name: str) -> str:
    """LM Studio's name of a field: ``max_tokens`` gives ``maxTokens``."""
    if "_" not in name:
        return name
    first, *rest = name.split("_")
    return _SPECIAL_CAPITALS.get(name) or first + "".join(word.capitalize() for word in rest)


@dataclass_transform(kw_only_default=True, eq_default=True)
class Struct:
    """A record with named fields, made of keywords and compared by value.

    A subclass lists its fields as annotations, with a default or without. ``nested`` names the
    class of fields that are records themselves, or, for fields that are lists of records of
    several kinds, the tuple of their classes. ``tag`` is a constant member that marks the kind.
    """

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # values may change

    _fields: ClassVar[dict[str, str]] = {}  # name → name in JSON
    _names: ClassVar[dict[str, str]] = {}  # either spelling → name
    _nested: ClassVar[dict[str, type[Struct] | tuple[type[Struct], ...]]] = {}
    _tag: ClassVar[tuple[str, str] | None] = None

    def __init_subclass__(
        cls,
        *,
        nested: Mapping[str, type[Struct] | tuple[type[Struct], ...]] | None = None,
        tag: tuple[str, str] | None = None,
    ) -> None:
        """Read the fields off the annotations."""
        cls._fields = {name: camel_case(name) for name in cls.__annotations__}
        cls._names = {json: name for name, json in cls._fields.items()}
        cls._names |= {name: name for name in cls._fields}
        if nested is not None:
            cls._nested = dict(nested)
        if tag is not None:
            cls._tag = tag
            setattr(cls, *tag)

    if not TYPE_CHECKING:

        def __init__(self, **values: object) -> None:
            """Take the fields as keywords."""
            cls = type(self)
            for name in cls._fields:
                if name not in values:
                    try:
                        values[name] = getattr(cls, name)
                    except AttributeError:
                        raise TypeError(
                            f"{cls.__name__} is missing the argument {name!r}"
                        ) from None
            if len(values) != len(cls._fields):
                unknown = next(name for name in values if name not in cls._fields)
                raise TypeError(f"{cls.__name__} has no field {unknown!r}")
            self.__dict__.update(values)

        def __setattr__(self, name: str, value: object) -> None:
            """Change a field; other names are refused."""
            if name not in self._fields:
                raise AttributeError(f"{type(self).__name__!r} object has no field {name!r}")
            object.__setattr__(self, name, value)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Make a record from JSON members.

        Args:
            data: Members by name, in camelCase or snake_case; names it does not know are left
                out, members that are None count as not given.

        Raises:
            LMStudioValueError: If it is no dict or nested too deep, a field without a default is
                missing, or the tag is another kind's.
        """
        try:
            return cls._from_json(cls._members(data))
        except RecursionError:
            raise too_deep(cls.__name__) from None

    @classmethod
    def _members(cls, data: object) -> Mapping[str, Any]:
        """What a record is to be made of, which must have names."""
        from collections.abc import Mapping

        if not isinstance(data, Mapping):
            raise LMStudioValueError(
                f"{cls.__name__} is made of a dict, not {type(data).__name__}."
            )
        return data

    @classmethod
    def _from_json(cls, data: Mapping[str, Any]) -> Self:
        if cls._tag is not None and data.get(cls._tag[0], cls._tag[1]) != cls._tag[1]:
            raise _wrong_tag(cls.__name__, (cls,), data)
        values: dict[str, Any] = {}
        for key, value in data.items():
            name = cls._names.get(key)
            if name is not None and value is not None:
                nested = cls._nested.get(name)
                if nested is None:
                    values[name] = value
                elif isinstance(nested, tuple):
                    values[name] = _read_each(nested, value, f"{cls.__name__}.{name}")
                else:
                    values[name] = _read(nested, value)
        try:
            return cls(**values)
        except TypeError as error:
            raise LMStudioValueError(str(error)) from None

    def to_dict(self) -> dict[str, Any]:
        """The record as JSON members in camelCase, empty fields left out.

        Raises:
            LMStudioValueError: If a field is nested too deep.
        """
        data: dict[str, Any] = dict([self._tag]) if self._tag else {}
        for name, key in self._fields.items():
            value = getattr(self, name)
            if value is not None:
                try:
                    data[key] = _write(value)
                except RecursionError:
                    raise too_deep(f"{type(self).__name__}.{name}") from None
        return data

    def __eq__(self, other: object) -> bool:
        """Equal when of the same class and equal in every field."""
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self._fields)

    def __repr__(self) -> str:
        """The call that makes an equal record."""
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._fields)
        return f"{type(self).__name__}({values})"

    def __str__(self) -> str:
        """The record as indented JSON."""
        from json import dumps

        data = dumps(self.to_dict(), indent=2, sort_keys=True, default=str)
        return f"{type(self).__name__}.from_dict({data})"

    def __reduce__(self) -> tuple[object, ...]:
        """Copies and pickles go through the constructor."""
        return _remake, (type(self), {name: getattr(self, name) for name in self._fields})


def _remake(cls: type[Struct], values: dict[str, object]) -> Struct:
    return cls(**values)


def _read(cls: type[Struct], value: object) -> object:
    if isinstance(value, dict):
        return cls._from_json(value)
    if isinstance(value, (list, tuple)):
        return [_read(cls, item) for item in value]
    return value


def _read_each(classes: tuple[type[Struct], ...], value: object, name: str) -> list[Struct]:
    """Read a list of records, each of the class that its tag tells."""
    if not isinstance(value, (list, tuple)):
        raise LMStudioValueError(f"{name} must be a list, not {type(value).__name__}.")
    return [
        item if isinstance(item, classes) else _read_tagged(classes, item, f"{name}[{index}]")
        for index, item in enumerate(value)
    ]


def _read_tagged(classes: tuple[type[Struct], ...], value: object, name: str) -> Struct:
    if not isinstance(value, dict):
        raise LMStudioValueError(f"{name} must be a dict, not {type(value).__name__}.")
    for cls in classes:
        if cls._tag is not None and value.get(cls._tag[0]) == cls._tag[1]:
            return cls._from_json(value)
    raise _wrong_tag(name, classes, value)


def _wrong_tag(
    name: str, classes: tuple[type[Struct], ...], data: Mapping[str, Any]
) -> LMStudioValueError:
    tags = [cls._tag for cls in classes if cls._tag is not None]
    key, known = tags[0][0], " or ".join(repr(tag) for _, tag in tags)
    return LMStudioValueError(f"{name}: {key!r} must be {known}, not {shown(data.get(key))}.")


def _write(value: object) -> object:
    if isinstance(value, Struct):
        return value.to_dict()
    if isinstance(value, (list, tuple)):
        return [_write(item) for item in value]
    return value
