"""Models on disk."""

from __future__ import annotations

from ._infos import EmbeddingModelInfo, LlmInfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ._embedding import EmbeddingModel
    from ._embedding_session import EmbeddingSession
    from ._llm import LLM
    from ._load_configs import (
        EmbeddingLoadModelConfig,
        LlmLoadModelConfig,
    )
    from ._model_session import ModelSession
    from ._sessions import LlmSession
    from ._types import (
        EmbeddingLoadModelConfigDict,
        LlmLoadModelConfigDict,
        ModelInfo,
        ModelLoadingCallback,
    )

DEFAULT_TTL = 3600
"""Seconds that a model may be idle before it can be unloaded."""


class DownloadedModel:
    """A model on disk, ready to be loaded."""

    _info: ModelInfo
    _session: ModelSession

    def __init__(self, info: ModelInfo, session: ModelSession) -> None:
        """Tie what is known of a model to the session that can load it."""
        self._info = info
        self._session = session

    @property
    def info(self) -> ModelInfo:
        """All that is known of it."""
        return self._info

    @property
    def type(self) -> str:
        """The kind of model: ``"llm"`` or ``"embedding"``."""
        return self._info.type

    @property
    def path(self) -> str:
        """Where it lies, relative to the model store."""
        return self._info.path

    @property
    def model_key(self) -> str:
        """The name to load it by."""
        return self._info.model_key

    def __eq__(self, other: object) -> bool:
        """Equal when of the same session and with the same info."""
        if not isinstance(other, DownloadedModel):
            return NotImplemented
        return self._session is other._session and self._info == other._info

    def __hash__(self) -> int:
        """Equal models have equal hashes."""
        return hash((id(self._session), self._info.path))


class DownloadedLlm(DownloadedModel):
    """A language model on disk, ready to be loaded."""

    _info: LlmInfo
    _session: LlmSession

    def __init__(self, model_info: Mapping[str, Any], session: LlmSession) -> None:
        """Make it of a server's model info.

        Args:
            model_info: The members of LlmInfo.
            session: The ``llm`` of a client.
        """
        super().__init__(LlmInfo.from_dict(model_info), session)

    def __repr__(self) -> str:
        """The class and what tells it from others."""
        info = self._info
        return (
            f"{type(self).__name__}(model_key={info.model_key!r}, "
            f"display_name={info.display_name!r}, architecture={info.architecture!r}, "
            f"vision={info.vision!r})"
        )

    def load_new_instance(
        self,
        *,
        ttl: int | None = DEFAULT_TTL,
        instance_identifier: str | None = None,
        config: LlmLoadModelConfig | LlmLoadModelConfigDict | None = None,
        on_load_progress: ModelLoadingCallback | None = None,
        strict: bool = False,
        verify: bool = False,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> LLM:
        """Load another instance, see ``Client.llm.load_new_instance()``."""
        return self._session.load_new_instance(
            self.model_key,
            instance_identifier,
            ttl=ttl,
            config=config,
            on_load_progress=on_load_progress,
            strict=strict,
            verify=verify,
            timeout=timeout,
            idle_timeout=idle_timeout,
        )

    def model(
        self,
        *,
        ttl: int | None = DEFAULT_TTL,
        config: LlmLoadModelConfig | LlmLoadModelConfigDict | None = None,
        on_load_progress: ModelLoadingCallback | None = None,
        strict: bool = False,
        verify: bool = False,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> LLM:
        """Take the loaded instance, or load one, see ``Client.llm.model()``."""
        return self._session.model(
            self.model_key,
            ttl=ttl,
            config=config,
            on_load_progress=on_load_progress,
            strict=strict,
            verify=verify,
            timeout=timeout,
            idle_timeout=idle_timeout,
        )


class DownloadedEmbeddingModel(DownloadedModel):
    """An embedding model on disk, ready to be loaded."""

    _info: EmbeddingModelInfo
    _session: EmbeddingSession

    def __init__(self, model_info: Mapping[str, Any], session: EmbeddingSession) -> None:
        """Make it of a server's model info.

        Args:
            model_info: The members of EmbeddingModelInfo.
            session: The ``embedding`` of a client.
        """
        super().__init__(EmbeddingModelInfo.from_dict(model_info), session)

    def __repr__(self) -> str:
        """The class and what tells it from others."""
        info = self._info
        return (
            f"{type(self).__name__}(model_key={info.model_key!r}, "
            f"display_name={info.display_name!r}, architecture={info.architecture!r})"
        )

    def load_new_instance(
        self,
        *,
        ttl: int | None = DEFAULT_TTL,
        instance_identifier: str | None = None,
        config: EmbeddingLoadModelConfig | EmbeddingLoadModelConfigDict | None = None,
        on_load_progress: ModelLoadingCallback | None = None,
        strict: bool = False,
        verify: bool = False,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> EmbeddingModel:
        """Load another instance, see ``Client.embedding.load_new_instance()``."""
        return self._session.load_new_instance(
            self.model_key,
            instance_identifier,
            ttl=ttl,
            config=config,
            on_load_progress=on_load_progress,
            strict=strict,
            verify=verify,
            timeout=timeout,
            idle_timeout=idle_timeout,
        )

    def model(
        self,
        *,
        ttl: int | None = DEFAULT_TTL,
        config: EmbeddingLoadModelConfig | EmbeddingLoadModelConfigDict | None = None,
        on_load_progress: ModelLoadingCallback | None = None,
        strict: bool = False,
        verify: bool = False,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> EmbeddingModel:
        """Take the loaded instance, or load one, see ``Client.embedding.model()``."""
        return self._session.model(
            self.model_key,
            ttl=ttl,
            config=config,
            on_load_progress=on_load_progress,
            strict=strict,
            verify=verify,
            timeout=timeout,
            idle_timeout=idle_timeout,
        )
