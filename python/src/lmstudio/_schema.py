"""Classes that structured answers are described by, where Pydantic is not wanted."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from msgspec import Struct
    from typing_extensions import Self
else:
    try:
        from msgspec import Struct
    except ModuleNotFoundError:

        class Struct:
            """In place of msgspec's: says what is missing when a class is derived."""

            def __init_subclass__(cls, **_options: object) -> None:
                """Refuse all but the class below."""
                if cls.__module__ != __name__:
                    raise ModuleNotFoundError(
                        "lmstudio.BaseModel needs msgspec, which is not installed: pip install "
                        "msgspec. A JSON schema as response_format, and Pydantic, do without it.",
                        name="msgspec",
                    )


class BaseModel(Struct, omit_defaults=True, kw_only=True):
    """Base class for structured answers: a msgspec ``Struct`` that tells its JSON schema.

    Needs msgspec (``pip install msgspec``).

    Example:
        >>> class Person(lmstudio.BaseModel):
        ...     name: str
        ...     age: int
        >>> result = llm.complete("A person as JSON: ", response_format=Person)
        >>> result.parsed_as(Person).age
    """

    @classmethod
    def model_json_schema(cls) -> dict[str, Any]:
        """The JSON schema of the class, its members in the order of their names."""
        from msgspec import to_builtins
        from msgspec.json import schema_components

        (reference,), parts = schema_components([cls], ref_template="#/$defs/{name}")
        place = reference["$ref"]
        name = place.rpartition("/")[2]
        schema = {**parts[name], "$defs": parts}
        # Servers want no reference at the top; a class that refers to itself is there twice.
        if not _refers(parts, place):
            del parts[name]
        ordered: dict[str, Any] = to_builtins(schema, order="deterministic")
        return ordered

    @classmethod
    def model_validate_json(cls, json_data: str | bytes) -> Self:
        """Make an object of JSON text.

        Raises:
            ValueError: If it is no JSON, or the members are not those of the class.
        """
        from msgspec.json import decode

        made: Self = decode(json_data, type=cls)
        return made


def _refers(schema: object, place: str) -> bool:
    if isinstance(schema, dict):
        return schema.get("$ref") == place or any(_refers(part, place) for part in schema.values())
    return isinstance(schema, list) and any(_refers(part, place) for part in schema)
