"""Loaded models of any kind."""

from __future__ import annotations

from ._errors import LMStudioError, LMStudioValueError
from ._options import text_of, texts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, ClassVar, overload

    from . import _core
    from ._infos import EmbeddingModelInstanceInfo, LlmInstanceInfo
    from ._load_configs import (
        EmbeddingLoadModelConfig,
        LlmLoadModelConfig,
    )
    from ._model_session import ModelSession
    from ._types import AnyLoadConfig, ModelInstanceInfo

# Enough to keep a server busy, and few beside what it grants a connection.
_CALLS_AT_ONCE = 64


class SyncModelHandle:
    """A loaded model, by the identifier of its instance.

    Attributes:
        identifier: The instance's name.
    """

    _info_class: ClassVar[type[LlmInstanceInfo] | type[EmbeddingModelInstanceInfo]]
    _config_class: ClassVar[type[LlmLoadModelConfig] | type[EmbeddingLoadModelConfig]]
    _instance: _core.Llm | _core.EmbeddingModel

    def __init__(self, model_identifier: str, session: ModelSession) -> None:
        """Make a handle; whether the instance is loaded is not asked.

        Args:
            model_identifier: The instance's name, not empty.
            session: The ``llm`` or ``embedding`` of a client.

        Raises:
            LMStudioValueError: If the name is empty or not a str, or session is something else.
            LMStudioRuntimeError: If the client is closed.
        """
        kind = self._info_class.type
        if getattr(session, "_namespace", None) != kind:
            raise LMStudioValueError(
                f"session must be a client's {kind!r}, not {type(session).__name__}: "
                f"{type(self).__name__}(model_identifier, client.{kind})."
            )
        self.identifier = model_identifier
        self._session = session

    def unload(self, *, timeout: float | None = None, idle_timeout: float | None = None) -> None:
        """Take the model out of memory; what it is doing ends with ``"modelUnloaded"``.

        Args:
            timeout: Seconds it may take; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``.

        Raises:
            LMStudioModelNotFoundError: If it is not loaded.
            LMStudioTimeoutError: If a timeout passes.
        """
        self._session.unload(self.identifier, timeout=timeout, idle_timeout=idle_timeout)

    def get_info(
        self, *, timeout: float | None = None, idle_timeout: float | None = None
    ) -> ModelInstanceInfo:
        """What the model is. Arguments and errors are those of ``unload()``."""
        return self._info_class._from_json(self._info(timeout, idle_timeout))

    def get_load_config(
        self, *, timeout: float | None = None, idle_timeout: float | None = None
    ) -> AnyLoadConfig:
        """The load options in effect. Arguments and errors are those of ``unload()``."""
        from json import loads

        given = self._session._limits(timeout, idle_timeout)
        return self._config_class._from_json(loads(self._instance.load_config(*given).wait()))

    def get_context_length(
        self, *, timeout: float | None = None, idle_timeout: float | None = None
    ) -> int:
        """Tokens of prompt and answer together that it was loaded with; -1 if not known.

        Arguments and errors are those of ``unload()``.
        """
        return int(self._info(timeout, idle_timeout).get("contextLength") or -1)

    if TYPE_CHECKING:

        @overload
        def tokenize(  # type: ignore[overload-overlap]
            self, input: str, *, timeout: float | None = ..., idle_timeout: float | None = ...
        ) -> list[int]: ...
        @overload
        def tokenize(
            self,
            input: Iterable[str],
            *,
            timeout: float | None = ...,
            idle_timeout: float | None = ...,
        ) -> list[list[int]]: ...

    def tokenize(
        self,
        input: str | Iterable[str],
        *,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> list[int] | list[list[int]]:
        """Split text into tokens, with the model's own leading token.

        Args:
            input: A text, or several, of which many are under way at once.
            timeout: Seconds it may take; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``.

        Returns:
            The token ids in text order; for several texts a list of such lists.

        Raises:
            LMStudioValueError: If it is not text.
            LMStudioModelNotFoundError: If the model is not loaded.
            LMStudioTimeoutError: If a timeout passes.
        """
        from json import loads

        given = self._session._limits(timeout, idle_timeout)
        if isinstance(input, str):
            tokens: list[int] = loads(self._ask("tokenize", input, "input", given).wait())["tokens"]
            return tokens
        from collections import deque
        from itertools import islice
        from time import monotonic

        texts = [text_of(text, f"input[{index}]") for index, text in enumerate(texts_of(input))]
        start = monotonic()

        def begin(text: str) -> _core.Call:
            left = None if timeout is None else max(timeout - (monotonic() - start), 0.001)
            given = self._session._limits(left, idle_timeout)
            return self._ask("tokenize", text, "input", given)

        waiting = iter(texts)
        calls = deque(begin(text) for text in islice(waiting, _CALLS_AT_ONCE))
        several: list[list[int]] = []
        while calls:
            try:
                several.append(loads(calls.popleft().wait())["tokens"])
            except LMStudioError as error:
                error.args = (f"input[{len(several)}]: {error}",)
                raise
            calls.extend(begin(text) for text in islice(waiting, 1))
        return several

    def count_tokens(
        self,
        input: str,
        *,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> int:
        """Number of tokens that ``tokenize()`` gives for one text.

        Arguments and errors are those of ``tokenize()``.
        """
        from json import loads

        given = self._session._limits(timeout, idle_timeout)
        return int(loads(self._ask("countTokens", input, "input", given).wait())["tokenCount"])

    def __eq__(self, other: object) -> bool:
        """Equal when of the same session and with the same identifier."""
        if not isinstance(other, SyncModelHandle):
            return NotImplemented
        return self._session is other._session and self.identifier == other.identifier

    def __hash__(self) -> int:
        """Equal handles have equal hashes."""
        return hash((id(self._session), self.identifier))

    def __repr__(self) -> str:
        """The class and the identifier."""
        return f"{type(self).__name__}(identifier={self.identifier!r})"

    @property
    def _specifier(self) -> dict[str, object]:
        return {"type": "query", "query": {"identifier": self.identifier}}

    def _info(self, timeout: object, idle_timeout: object) -> dict[str, Any]:
        info: dict[str, Any] = self._session._call(
            self._session._namespace,
            "getModelInfo",
            {"specifier": self._specifier, "throwIfNotFound": True},
            self._session._limits(timeout, idle_timeout),
        )
        return info

    def _ask(self, endpoint: str, text: object, name: str, given: tuple[int, int]) -> _core.Call:
        """Begin to ask something about a text."""
        parameter = {"specifier": self._specifier, "inputString": text_of(text, name)}
        return self._session._begin(self._session._namespace, endpoint, parameter, given)
