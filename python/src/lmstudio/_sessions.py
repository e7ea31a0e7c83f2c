"""The parts of a client: ``client.llm`` and ``client.system``."""

from __future__ import annotations

from ._callbacks import guarded
from ._configs import LlmLoadModelConfig
from ._downloads import DEFAULT_TTL, DownloadedLlm
from ._infos import LlmInstanceInfo
from ._llm import LLM
from ._options import encode, members_of, milliseconds, text_of, warn
from ._timeouts import limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from . import _core
    from ._types import AnyModelSpecifier, LlmLoadModelConfigDict, ModelLoadingCallback


class LlmSession:
    """Language models: ``client.llm``."""

    def __init__(self, client: _core.Client) -> None:
        """Made by Client."""
        self._client = client
        self._is_local = client.address.startswith("local:")

    def model(
        self,
        model_key: str | None = None,
        /,
        *,
        ttl: int | None = DEFAULT_TTL,
        config: LlmLoadModelConfig | LlmLoadModelConfigDict | None = None,
        on_load_progress: ModelLoadingCallback | None = None,
        strict: bool = False,
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
            timeout: Seconds it may take from start to end; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``. Progress counts as a sign of life.

        Raises:
            LMStudioModelNotFoundError: If there is no such model; the message lists the keys.
            LMStudioValueError: If an argument or option is refused.
            LMStudioEngineError: If the file is damaged or memory is short.
            LMStudioRuntimeError: If the client is closed.
            LMStudioTimeoutError: If a timeout passes; the load is stopped.
            LMStudioWebsocketError: If the server cannot be reached, or goes away.

        Warns:
            LMStudioUnknownOptionWarning: If an option name is not known.
        """
        return self._load(
            ttl,
            config,
            on_load_progress,
            self._limits(timeout, idle_timeout),
            strict=strict,
            model_key=model_key,
            new_instance=False,
        )

    def load_new_instance(
        self,
        model_key: str,
        instance_identifier: str | None = None,
        *,
        ttl: int | None = DEFAULT_TTL,
        config: LlmLoadModelConfig | LlmLoadModelConfigDict | None = None,
        on_load_progress: ModelLoadingCallback | None = None,
        strict: bool = False,
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
            timeout: Seconds it may take from start to end; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``. Progress counts as a sign of life.

        Raises:
            LMStudioError: As for ``model()``.
        """
        return self._load(
            ttl,
            config,
            on_load_progress,
            self._limits(timeout, idle_timeout),
            strict=strict,
            model_key=model_key,
            identifier=instance_identifier,
            new_instance=True,
        )

    def unload(
        self,
        model_identifier: str,
        *,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> None:
        """Take an instance out of memory.

        Args:
            model_identifier: The instance's name, not empty.
            timeout: Seconds it may take; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``.

        Raises:
            LMStudioModelNotFoundError: If no instance of that name is loaded.
            LMStudioTimeoutError: If a timeout passes.
        """
        name = text_of(model_identifier, "model_identifier")
        self._call("llm", "unloadModel", {"identifier": name}, self._limits(timeout, idle_timeout))

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
        models = self._call("llm", "listLoaded", None, self._limits(timeout, idle_timeout))
        return [LLM(model["identifier"], self) for model in models]

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
        given = self._limits(timeout, idle_timeout)
        models = self._call("system", "listDownloadedModels", None, given)
        return [DownloadedLlm(model, self) for model in models if model.get("type") == "llm"]

    def _limits(self, timeout: object, idle_timeout: object) -> tuple[int, int]:
        return limits(timeout, idle_timeout, is_local=self._is_local)

    def _begin(
        self,
        name_space: str,
        endpoint: str,
        parameter: Mapping[str, object] | None,
        given: tuple[int, int],
    ) -> _core.Call:
        """Begin a call; the answer comes with ``wait()``."""
        if parameter is None:
            return self._client.begin(name_space, endpoint, "", *given)
        from json import dumps

        json = dumps(parameter, ensure_ascii=False)
        return self._client.begin(name_space, endpoint, json, *given)

    def _call(
        self,
        name_space: str,
        endpoint: str,
        parameter: Mapping[str, object] | None,
        given: tuple[int, int],
    ) -> Any:  # noqa: ANN401  # any JSON
        """Call an endpoint and wait for its answer."""
        from json import loads

        return loads(self._begin(name_space, endpoint, parameter, given).wait())

    def _load(
        self,
        ttl: object,
        config: object,
        on_load_progress: ModelLoadingCallback | None,
        given: tuple[int, int],
        *,
        strict: bool,
        model_key: str | None,
        new_instance: bool,
        identifier: str | None = None,
    ) -> LLM:
        report = guarded(on_load_progress, "on_load_progress")
        load = self._client.load(
            model_key=model_key,
            identifier=identifier,
            config=encode(members_of(config, LlmLoadModelConfig), strict=strict),
            ttl_ms=milliseconds(ttl),
            new_instance=new_instance,
            timeout_ms=given[0],
            idle_timeout_ms=given[1],
        )
        latest = -1.0
        try:
            warn(load.warnings())
            for share in load:
                if share > latest:
                    latest = share
                    if report is not None:
                        report(share)
            if report is not None and latest < 1.0:
                report(1.0)
            _log(load.steps())
        except BaseException:
            load.cancel()
            raise
        return LLM(load.llm().identifier, self)


def _log(steps: Iterable[str]) -> None:
    """Tell the log what a server does beside loading, and which names are ambiguous."""
    for text in steps:
        from json import loads

        step = loads(text)
        if step["type"] == "unloadingOther":
            from logging import getLogger

            name = step["info"].get("identifier")
            getLogger("lmstudio").info("Unloading %s to make room.", name)
        elif step.get("ambiguous"):
            from logging import getLogger

            getLogger("lmstudio").warning(
                "The name fits several models: %s; taking %s.",
                ", ".join(step["ambiguous"]),
                step["info"].get("modelKey"),
            )


class SystemSession:
    """What is on disk: ``client.system``."""

    def __init__(self, llm: LlmSession) -> None:
        """Made by Client."""
        self._llm = llm

    def list_downloaded_models(
        self, *, timeout: float | None = None, idle_timeout: float | None = None
    ) -> Sequence[DownloadedLlm]:
        """The models on disk; arguments and errors are those of ``client.llm``'s."""
        return self._llm.list_downloaded(timeout=timeout, idle_timeout=idle_timeout)
