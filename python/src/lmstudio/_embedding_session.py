"""Embedding models of a client: ``client.embedding``."""

from __future__ import annotations

from ._downloads import DEFAULT_TTL, DownloadedEmbeddingModel
from ._embedding import EmbeddingModel
from ._load_configs import EmbeddingLoadModelConfig
from ._model_session import ModelSession

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._types import EmbeddingLoadModelConfigDict, ModelLoadingCallback


class EmbeddingSession(ModelSession):
    """Embedding models: ``client.embedding``."""

    _namespace = "embedding"
    _config_class = EmbeddingLoadModelConfig

    def model(
        self,
        model_key: str | None = None,
        /,
        *,
        ttl: int | None = DEFAULT_TTL,
        config: EmbeddingLoadModelConfig | EmbeddingLoadModelConfigDict | None = None,
        on_load_progress: ModelLoadingCallback | None = None,
        strict: bool = False,
        verify: bool = False,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> EmbeddingModel:
        """Take a loaded model, or load it.

        Args:
            model_key: Key, identifier, path or unique part of a key; None: a loaded embedding
                model, else the only one on disk.
            ttl: Seconds the model may be idle before it can be unloaded; None: no limit.
            config: Load options, see EmbeddingLoadModelConfig; a model that is loaded already is
                taken as it is.
            on_load_progress: Called with the share done, rising to 1.0.
            strict: Refuse option names that are not known, rather than warn of them.
            verify: Refuse a model that turns out to be loaded otherwise than config says.
            timeout: Seconds it may take from start to end; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``. Progress counts as a sign of life.

        Raises:
            LMStudioModelNotFoundError: If there is no such model; the message lists the keys.
            LMStudioValueError: If an argument or option is refused, or it is a language model.
            LMStudioEngineError: If the file is damaged or memory is short.
            LMStudioRuntimeError: If the client is closed, or ``verify`` finds options that are not
                as asked for: the message has each with both values.
            LMStudioTimeoutError: If a timeout passes; the load is stopped.
            LMStudioWebsocketError: If the server cannot be reached, or goes away.

        Warns:
            LMStudioUnknownOptionWarning: If an option name is not known.
        """
        load = self._load(
            ttl,
            config,
            on_load_progress,
            self._limits(timeout, idle_timeout),
            strict=strict,
            verify=verify,
            model_key=model_key,
            new_instance=False,
        )
        return EmbeddingModel(load.embedding_model().identifier, self)

    def load_new_instance(
        self,
        model_key: str,
        instance_identifier: str | None = None,
        *,
        ttl: int | None = DEFAULT_TTL,
        config: EmbeddingLoadModelConfig | EmbeddingLoadModelConfigDict | None = None,
        on_load_progress: ModelLoadingCallback | None = None,
        strict: bool = False,
        verify: bool = False,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> EmbeddingModel:
        """Load another instance of a model. Arguments and errors are those of ``model()``.

        Args:
            model_key: Key, path or unique part of a key.
            instance_identifier: The instance's name; None: the key, or ``key:2``, ``key:3``, ...
            ttl: Seconds the model may be idle before it can be unloaded; None: no limit.
            config: Load options, see EmbeddingLoadModelConfig.
            on_load_progress: Called with the share done, rising to 1.0.
            strict: Refuse option names that are not known, rather than warn of them.
            verify: Refuse a model that turns out to be loaded otherwise than config says.
            timeout: Seconds it may take from start to end; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``. Progress counts as a sign of life.

        Raises:
            LMStudioError: As for ``model()``.
        """
        load = self._load(
            ttl,
            config,
            on_load_progress,
            self._limits(timeout, idle_timeout),
            strict=strict,
            verify=verify,
            model_key=model_key,
            identifier=instance_identifier,
            new_instance=True,
        )
        return EmbeddingModel(load.embedding_model().identifier, self)

    def list_loaded(
        self, *, timeout: float | None = None, idle_timeout: float | None = None
    ) -> Sequence[EmbeddingModel]:
        """The loaded embedding models.

        Args:
            timeout: Seconds it may take; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``.

        Raises:
            LMStudioTimeoutError: If a timeout passes.
        """
        return [EmbeddingModel(name, self) for name in self._list_loaded(timeout, idle_timeout)]

    def list_downloaded(
        self, *, timeout: float | None = None, idle_timeout: float | None = None
    ) -> Sequence[DownloadedEmbeddingModel]:
        """The embedding models on disk.

        Args:
            timeout: Seconds it may take; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``.

        Raises:
            LMStudioTimeoutError: If a timeout passes.
        """
        return [
            DownloadedEmbeddingModel(info, self)
            for info in self._list_downloaded(timeout, idle_timeout)
        ]
