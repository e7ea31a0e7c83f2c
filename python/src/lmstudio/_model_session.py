"""What the parts of a client share that get models of one kind."""

from __future__ import annotations

from ._callbacks import guarded
from ._errors import LMStudioUnknownMessageWarning
from ._log import listen, pass_on
from ._options import encode, json_text, members_of, milliseconds, text_of, warn
from ._session import Session
from ._timeouts import limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, ClassVar

    from . import _core
    from ._struct import Struct
    from ._types import ModelLoadingCallback


class ModelSession(Session):
    """Models of one kind."""

    _config_class: ClassVar[type[Struct]]

    def __init__(self, client: _core.Client) -> None:
        """Made by Client."""
        self._client = client
        self._is_local = client.address.startswith("local:")

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
        given = self._limits(timeout, idle_timeout)
        self._call(self._namespace, "unloadModel", {"identifier": name}, given)

    def _list_loaded(self, timeout: object, idle_timeout: object) -> list[str]:
        """The identifiers of the loaded models."""
        given = self._limits(timeout, idle_timeout)
        return [
            model["identifier"] for model in self._call(self._namespace, "listLoaded", None, given)
        ]

    def _list_downloaded(self, timeout: object, idle_timeout: object) -> list[dict[str, Any]]:
        """What is known of the models on disk."""
        given = self._limits(timeout, idle_timeout)
        models = self._call("system", "listDownloadedModels", None, given)
        return [model for model in models if model.get("type") == self._namespace]

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
        json = json_text(parameter, f"what {endpoint} is called with")
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

        try:
            answer = self._begin(name_space, endpoint, parameter, given).wait()
        finally:
            if self._is_local:
                pass_on()
        warn(self._client.warnings(), LMStudioUnknownMessageWarning)
        return loads(answer)

    def _load(
        self,
        ttl: object,
        config: object,
        on_load_progress: ModelLoadingCallback | None,
        given: tuple[int, int],
        *,
        strict: bool,
        verify: bool,
        model_key: str | None,
        new_instance: bool,
        identifier: str | None = None,
    ) -> _core.Load:
        """Load a model to the end; the answer has its handle."""
        report = guarded(on_load_progress, "on_load_progress")
        if self._is_local:
            listen()
        load = self._client.load(
            model_key=model_key,
            identifier=identifier,
            config=encode(members_of(config, self._config_class), strict=strict),
            ttl_ms=milliseconds(ttl),
            new_instance=new_instance,
            verify=verify,
            is_embedding=self._namespace == "embedding",
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
            warn(self._client.warnings(), LMStudioUnknownMessageWarning)
        except BaseException:
            load.cancel()
            raise
        finally:
            if self._is_local:
                pass_on()
        return load


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
