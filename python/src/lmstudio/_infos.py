"""What is known of models on disk and of loaded ones."""

from __future__ import annotations

from ._struct import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar, Literal


class LlmInfo(Struct, tag=("type", "llm")):
    """A language model.

    Attributes:
        model_key: The name to load it by.
        format: File format, such as ``"gguf"``.
        display_name: Its name for people.
        path: Where it lies, relative to the model store.
        size_bytes: Size of its files.
        vision: Whether it understands images.
        trained_for_tool_use: Whether it was trained to call tools.
        max_context_length: Longest context in tokens that it was trained for.
        params_string: Number of parameters, such as ``"7B"``.
        architecture: Such as ``"llama"``.
    """

    if TYPE_CHECKING:
        type: ClassVar[Literal["llm"]]

    model_key: str
    format: str
    display_name: str
    path: str
    size_bytes: int
    vision: bool
    trained_for_tool_use: bool
    max_context_length: int
    params_string: str | None = None
    architecture: str | None = None


class LlmInstanceInfo(Struct, tag=("type", "llm")):
    """A loaded language model.

    Attributes:
        model_key: The name to load it by.
        format: File format, such as ``"gguf"``.
        display_name: Its name for people.
        path: Where it lies, relative to the model store.
        size_bytes: Size of its files.
        identifier: The instance's own name.
        instance_reference: Another one for each time it is loaded.
        vision: Whether it understands images.
        trained_for_tool_use: Whether it was trained to call tools.
        max_context_length: Longest context in tokens that it was trained for.
        context_length: Tokens of prompt and answer together that it was loaded with.
        params_string: Number of parameters, such as ``"7B"``.
        architecture: Such as ``"llama"``.
    """

    if TYPE_CHECKING:
        type: ClassVar[Literal["llm"]]

    model_key: str
    format: str
    display_name: str
    path: str
    size_bytes: int
    identifier: str
    instance_reference: str
    vision: bool
    trained_for_tool_use: bool
    max_context_length: int
    context_length: int
    params_string: str | None = None
    architecture: str | None = None


class EmbeddingModelInfo(Struct, tag=("type", "embedding")):
    """An embedding model.

    Attributes:
        model_key: The name to load it by.
        format: File format, such as ``"gguf"``.
        display_name: Its name for people.
        path: Where it lies, relative to the model store.
        size_bytes: Size of its files.
        max_context_length: Most tokens of a text that it was trained for.
        params_string: Number of parameters, such as ``"7B"``.
        architecture: Such as ``"bert"``.
    """

    if TYPE_CHECKING:
        type: ClassVar[Literal["embedding"]]

    model_key: str
    format: str
    display_name: str
    path: str
    size_bytes: int
    max_context_length: int
    params_string: str | None = None
    architecture: str | None = None


class EmbeddingModelInstanceInfo(Struct, tag=("type", "embedding")):
    """A loaded embedding model.

    Attributes:
        model_key: The name to load it by.
        format: File format, such as ``"gguf"``.
        display_name: Its name for people.
        path: Where it lies, relative to the model store.
        size_bytes: Size of its files.
        identifier: The instance's own name.
        instance_reference: Another one for each time it is loaded.
        max_context_length: Most tokens of a text that it was trained for.
        context_length: Most tokens of a text, with which it was loaded.
        params_string: Number of parameters, such as ``"7B"``.
        architecture: Such as ``"bert"``.
    """

    if TYPE_CHECKING:
        type: ClassVar[Literal["embedding"]]

    model_key: str
    format: str
    display_name: str
    path: str
    size_bytes: int
    identifier: str
    instance_reference: str
    max_context_length: int
    context_length: int
    params_string: str | None = None
    architecture: str | None = None


class ModelLoadResult(Struct):
    """A model that was loaded.

    Attributes:
        identifier: The instance's name.
        instance_reference: Names this very load.
        path: Where the model is stored.
    """

    identifier: str
    instance_reference: str
    path: str
