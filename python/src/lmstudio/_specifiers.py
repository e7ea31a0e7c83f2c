"""Ways to say which loaded model is meant."""

from __future__ import annotations

from ._configs import Options
from ._errors import LMStudioValueError
from ._nesting import shown
from ._options import text_of
from ._struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar, Literal


class ModelQuery(Options):
    """What a loaded model must be like.

    Attributes:
        domain: Its kind.
        identifier: Its identifier.
        path: Its path, relative to the model store.
        vision: Whether it understands images.
    """

    domain: Literal["llm", "embedding", "imageGen", "transcription", "tts"] | None = None
    identifier: str | None = None
    path: str | None = None
    vision: bool | None = None


class ModelSpecifierQuery(Struct, tag=("type", "query"), nested={"query": ModelQuery}):
    """The model that fits a query.

    Attributes:
        query: The query.
    """

    if TYPE_CHECKING:
        type: ClassVar[Literal["query"]]

    query: ModelQuery


class ModelSpecifierInstanceReference(Struct, tag=("type", "instanceReference")):
    """The model with an ``instance_reference``.

    Attributes:
        instance_reference: As its info has it.
    """

    if TYPE_CHECKING:
        type: ClassVar[Literal["instanceReference"]]

    instance_reference: str


def specifier_of(model: object) -> dict[str, Any]:
    """What a server takes for it.

    Args:
        model: An identifier, a query, a specifier, or the dict of one of these.

    Raises:
        LMStudioValueError: If it is something else.
    """
    if isinstance(model, str):
        identifier = text_of(model, "model_specifier")
        return {"type": "query", "query": {"identifier": identifier}}
    if isinstance(model, (ModelSpecifierQuery, ModelSpecifierInstanceReference)):
        return model.to_dict()
    if isinstance(model, ModelQuery):
        return ModelSpecifierQuery(query=model).to_dict()
    if isinstance(model, dict):
        kinds = (ModelSpecifierQuery, ModelSpecifierInstanceReference)
        for kind in kinds:
            if model.get("type") == kind.type:
                return kind.from_dict(model).to_dict()
        if "type" not in model:
            return specifier_of(ModelQuery.from_dict(model))
    raise LMStudioValueError(
        "model_specifier must be an identifier, a ModelQuery, a specifier or the dict of one of "
        f"them, not {shown(model)}."
    )
