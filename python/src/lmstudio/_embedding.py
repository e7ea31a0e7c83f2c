"""Loaded embedding models, and turning texts into vectors with them."""

from __future__ import annotations

from ._handles import SyncModelHandle
from ._infos import EmbeddingModelInstanceInfo
from ._load_configs import EmbeddingLoadModelConfig
from ._options import text_of, texts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import overload

    from ._embedding_session import EmbeddingSession


class EmbeddingModel(SyncModelHandle):
    """A loaded embedding model.

    Example:
        >>> model = lmstudio.embedding_model()
        >>> vectors = model.embed(["one text", "another"])
    """

    _info_class = EmbeddingModelInstanceInfo
    _config_class = EmbeddingLoadModelConfig

    def __init__(self, model_identifier: str, session: EmbeddingSession) -> None:
        """Make a handle; whether the instance is loaded is not asked.

        Args:
            model_identifier: The instance's name, not empty.
            session: The ``embedding`` of a client.

        Raises:
            LMStudioValueError: If the name is empty or not a str, or session is something else.
            LMStudioRuntimeError: If the client is closed.
        """
        super().__init__(model_identifier, session)
        self._model = self._instance = session._client.embedding_model(model_identifier)

    if TYPE_CHECKING:

        def get_info(
            self, *, timeout: float | None = ..., idle_timeout: float | None = ...
        ) -> EmbeddingModelInstanceInfo: ...
        def get_load_config(
            self, *, timeout: float | None = ..., idle_timeout: float | None = ...
        ) -> EmbeddingLoadModelConfig: ...

    if TYPE_CHECKING:

        @overload
        def embed(  # type: ignore[overload-overlap]
            self, input: str, *, timeout: float | None = ..., idle_timeout: float | None = ...
        ) -> list[float]: ...
        @overload
        def embed(
            self,
            input: Iterable[str],
            *,
            timeout: float | None = ...,
            idle_timeout: float | None = ...,
        ) -> list[list[float]]: ...

    def embed(
        self,
        input: str | Iterable[str],
        *,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> list[float] | list[list[float]]:
        """Compute the vector of a text, or of several, many at once.

        Args:
            input: A text, or several; an empty one has a vector too with most models.
            timeout: Seconds it may take for all; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``.

        Returns:
            A vector of length 1: as many floats as the model is wide; for several texts a list of
            such vectors in their order, empty for none.

        Raises:
            LMStudioValueError: If it is not text, or one is longer than the model's context.
            LMStudioModelNotFoundError: If the model is not loaded.
            LMStudioTimeoutError: If a timeout passes.
            LMStudioServerError: If a server refuses it.
        """
        given = self._session._limits(timeout, idle_timeout)
        if isinstance(input, str):
            return self._model.embed([text_of(input, "input")], *given).wait()[0]
        texts = texts_of(input)
        return self._model.embed(texts, *given).wait() if texts else []
