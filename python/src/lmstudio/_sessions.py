"""The parts of a client: ``client.llm`` and ``client.system``."""

from __future__ import annotations

from ._callbacks import guarded
from ._configs import LlmLoadModelConfig
from ._downloads import DEFAULT_TTL, DownloadedLlm
from ._errors import LMStudioPresetNotFoundError
from ._handles import LLM
from ._options import encode, members_of, milliseconds, warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from . import _core
    from ._types import LlmLoadModelConfigDict, ModelLoadingCallback


class LlmSession:
    """Language models: ``client.llm``."""

    def __init__(self, client: _core.Client) -> None:
        """Made by Client."""
        self._client = client

    def model(
        self,
        model_key: str | None = None,
        /,
        *,
        ttl: int | None = DEFAULT_TTL,
        config: LlmLoadModelConfig | LlmLoadModelConfigDict | None = None,
        on_load_progress: ModelLoadingCallback | None = None,
        strict: bool = False,
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

        Raises:
            LMStudioModelNotFoundError: If there is no such model; the message lists the keys.
            LMStudioValueError: If an argument or option is refused.
            LMStudioEngineError: If the file is damaged or memory is short.
            LMStudioRuntimeError: If the client is closed.

        Warns:
            LMStudioUnknownOptionWarning: If an option name is not known.
        """
        return self._load(
            ttl, config, on_load_progress, strict=strict, model_key=model_key, new_instance=False
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
    ) -> LLM:
        """Load another instance of a model. Arguments and errors are those of ``model()``.

        Args:
            model_key: Key, path or unique part of a key.
            instance_identifier: The instance's name; None: the key, or ``key:2``, ``key:3``, ...
            ttl: Seconds the model may be idle before it can be unloaded; None: no limit.
            config: Load options, see LlmLoadModelConfig.
            on_load_progress: Called with the share done, rising to 1.0.
            strict: Refuse option names that are not known, rather than warn of them.

        Raises:
            LMStudioError: As for ``model()``.
        """
        return self._load(
            ttl,
            config,
            on_load_progress,
            strict=strict,
            model_key=model_key,
            identifier=instance_identifier,
            new_instance=True,
        )

    def unload(self, model_identifier: str) -> None:
        """Take an instance out of memory.

        Args:
            model_identifier: The instance's name.

        Raises:
            LMStudioModelNotFoundError: If no instance of that name is loaded.
        """
        self._client.llm(model_identifier).unload()

    def list_loaded(self) -> Sequence[LLM]:
        """The loaded language models."""
        from json import loads

        models = loads(self._client.call("llm", "listLoaded"))
        return [LLM(model["identifier"], self) for model in models]

    def list_downloaded(self) -> Sequence[DownloadedLlm]:
        """The language models on disk."""
        from json import loads

        models = loads(self._client.call("system", "listDownloadedModels"))
        return [DownloadedLlm(model, self) for model in models if model.get("type") == "llm"]

    def _load(
        self,
        ttl: object,
        config: object,
        on_load_progress: ModelLoadingCallback | None,
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
        except BaseException:
            load.cancel()
            raise
        return LLM(load.llm().identifier, self)

    def _check_preset(self, preset: object) -> None:
        if preset is not None:
            raise LMStudioPresetNotFoundError(
                f"There is no preset {preset!r}: models in this process have no presets. "
                "Give the options as config."
            )


class SystemSession:
    """What is on disk: ``client.system``."""

    def __init__(self, llm: LlmSession) -> None:
        """Made by Client."""
        self._llm = llm

    def list_downloaded_models(self) -> Sequence[DownloadedLlm]:
        """The models on disk."""
        return self._llm.list_downloaded()
