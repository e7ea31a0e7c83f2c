"""Classes that structured answers are described by: the same for both packages."""

from enum import Enum
from types import ModuleType
from typing import Annotated, Any, Literal

import msgspec


class Mood(Enum):
    """An enumeration."""

    GLAD = "glad"
    SAD = "sad"


def classes(lm: ModuleType) -> dict[str, Any]:
    """The classes, by name, derived from a package's ``BaseModel``."""
    base: Any = lm.BaseModel

    class Plain(base):  # type: ignore[misc]
        name: str

    class Documented(base):  # type: ignore[misc]
        """What people should know of it."""

        zeal: int
        age: Annotated[int, msgspec.Meta(ge=0, le=150)]
        mood: Mood = Mood.GLAD
        size: Literal["s", "m"] | None = None
        scores: tuple[float, ...] = ()

    class Holder(base):  # type: ignore[misc]
        first: Plain
        others: dict[str, Documented]

    return {cls.__name__: cls for cls in (Plain, Documented, Holder)}


def schemas(lm: ModuleType) -> dict[str, str]:
    """The schemas of all classes as JSON text."""
    return {
        name: msgspec.json.encode(cls.model_json_schema()).decode()
        for name, cls in classes(lm).items()
    }
