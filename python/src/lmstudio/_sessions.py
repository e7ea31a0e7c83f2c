"""The parts of a client: ``client.llm`` and ``client.system``."""

from __future__ import annotations

from ._downloads import DEFAULT_TTL, DownloadedEmbeddingModel, DownloadedLlm
from ._infos import LlmInstanceInfo
from ._llm import LLM
from ._load_configs import LlmLoadModelConfig
from ._model_session import ModelSession
from ._session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._downloads import DownloadedModel
    from ._embedding_session import EmbeddingSession
    from ._types import AnyModelSpecifier, LlmLoadModelConfigDict, ModelLoadingCallback


class LlmSession(ModelSession):
    """Language models: ``client.llm``."""

    _namespace = "llm"
    _config_class = LlmLoadModelConfig

    def model(
        self,
        model_key: str | None = None,
        /,
        *,
        ttl: int | None = DEFAULT_TTL,
        config: LlmLoadModelConfig | LlmLoadModelConfigDict | None = None,
        on_load_progress: ModelLoadingCallback | None = None,
        strict: bool = False,
        verify: bool = False,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> LLM:
        """Take a loaded model, or load it.

        Args:
            model_key: Key, identifier, path or unique part of a key; None: a loaded model, else
                the only one on disk, else the starter model.
            ttl: Seconds the model may be idle before it can be unloaded; None: no limit.
            config: Load options, see LlmLoadModelConfig; a model that is loaded already is taken
                as it is.
            on_load_progress: Called with the share done, rising to 1.0.
            strict: Refuse option names that are not known, rather than warn of them.
            verify: Refuse a model that turns out to be loaded otherwise than config says.
            timeout: Seconds it may take from start to end; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``. Progress counts as a sign of life.

        Raises:
            LMStudioModelNotFoundError: If there is no such model; the message lists the keys.
            LMStudioValueError: If an argument or option is refused.
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
        return LLM(load.llm().identifier, self)

    def load_new_instance(
        self,
        model_key: str,
        instance_identifier: str | None = None,
        *,
        ttl: int | None = DEFAULT_TTL,
        config: LlmLoadModelConfig | LlmLoadModelConfigDict | None = None,
        on_load_progress: ModelLoadingCallback | None = None,
        strict: bool = False,
        verify: bool = False,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> LLM:
        """Load another instance of a model. Arguments and errors are those of ``model()``.

        Args:
            model_key: Key, path or unique part of a key.
            instance_identifier: The instance's name; None: the key, or ``key:2``, ``key:3``, ...
            ttl: Seconds the model may be idle before it can be unloaded; None: no limit.
            config: Load options, see LlmLoadModelConfig.
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
        return LLM(load.llm().identifier, self)

    def get_model_info(
        self,
        model_specifier: AnyModelSpecifier,
        *,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> LlmInstanceInfo:
        """What a loaded model is.

        Args:
            model_specifier: Its identifier, or a ModelQuery that it fits, or the dict of one.
            timeout: Seconds it may take; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``.

        Raises:
            LMStudioModelNotFoundError: If no such model is loaded.
            LMStudioValueError: If model_specifier is something else.
            LMStudioTimeoutError: If a timeout passes.
        """
        from ._specifiers import specifier_of

        parameter = {"specifier": specifier_of(model_specifier), "throwIfNotFound": True}
        given = self._limits(timeout, idle_timeout)
        return LlmInstanceInfo._from_json(self._call("llm", "getModelInfo", parameter, given))

    def list_loaded(
        self, *, timeout: float | None = None, idle_timeout: float | None = None
    ) -> Sequence[LLM]:
        """The loaded language models.

        Args:
            timeout: Seconds it may take; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``.

        Raises:
            LMStudioTimeoutError: If a timeout passes.
        """
        return [LLM(name, self) for name in self._list_loaded(timeout, idle_timeout)]

    def list_downloaded(
        self, *, timeout: float | None = None, idle_timeout: float | None = None
    ) -> Sequence[DownloadedLlm]:
        """The language models on disk.

        Args:
            timeout: Seconds it may take; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``.

        Raises:
            LMStudioTimeoutError: If a timeout passes.
        """
        return [DownloadedLlm(info, self) for info in self._list_downloaded(timeout, idle_timeout)]


class SystemSession(Session):
    """What is on disk: ``client.system``."""

    _namespace = "system"

    def __init__(self, llm: LlmSession, embedding: EmbeddingSession) -> None:
        """Made by Client."""
        self._llm = llm
        self._embedding = embedding

    def list_downloaded_models(
        self, *, timeout: float | None = None, idle_timeout: float | None = None
    ) -> Sequence[DownloadedModel]:
        """The models on disk; arguments and errors are those of ``client.llm``'s."""
        given = self._llm._limits(timeout, idle_timeout)
        models: list[DownloadedModel] = []
        for info in self._llm._call("system", "listDownloadedModels", None, given):
            if info.get("type") == "llm":
                models.append(DownloadedLlm(info, self._llm))
            elif info.get("type") == "embedding":
                models.append(DownloadedEmbeddingModel(info, self._embedding))
        return models
