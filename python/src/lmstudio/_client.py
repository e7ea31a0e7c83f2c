"""The client, and the one that belongs to the module."""

from __future__ import annotations

import atexit
from _thread import allocate_lock

from lmstudio import _core

from ._downloads import DEFAULT_TTL
from ._errors import LMStudioClientError, LMStudioRuntimeError, LMStudioValueError
from ._sessions import LlmSession, SystemSession

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from typing_extensions import Self

    from ._configs import LlmLoadModelConfig
    from ._downloads import DownloadedModel
    from ._handles import LLM, SyncModelHandle
    from ._types import LlmLoadModelConfigDict, ModelLoadingCallback

# Whatever still runs at the end of the process is stopped, so that it ends at once.
atexit.register(_core.close_all)


class Client:
    """The way to the models. Leaving the ``with`` block closes it.

    Clients of the same models share what is loaded; it stays loaded until the last one is closed.

    Example:
        >>> with lmstudio.Client() as client:
        ...     print(client.llm.model().complete("My name is"))
    """

    def __init__(self, api_host: str | None = None, api_token: str | None = None) -> None:
        """Open a client.

        Args:
            api_host: ``"local:"`` for models in this process, found in ``LMSTUDIO_MODELS_DIR`` or
                ``~/.lmstudio/models``; ``"local:DIR"`` for those in DIR; None: the
                ``LMSTUDIO_HOST`` environment variable, else ``"local:"``.
            api_token: For servers that ask for one; models in this process do not.

        Raises:
            LMStudioValueError: If the address makes no sense.
            LMStudioClientError: If it is a server's, which this version cannot reach.
            LMStudioRuntimeError: In a process that was forked from one that used this package.
        """
        if api_token is not None and not isinstance(api_token, str):
            raise LMStudioValueError(f"api_token must be a str, not {type(api_token).__name__}.")
        self._core = _core.Client(api_host)
        self._llm = LlmSession(self._core)
        self._system = SystemSession(self._llm)
        self._closed = False

    @property
    def api_host(self) -> str:
        """Where the models run, in the form that the constructor takes."""
        return self._core.address

    @property
    def llm(self) -> LlmSession:
        """Language models."""
        return self._llm

    @property
    def system(self) -> SystemSession:
        """What is on disk."""
        return self._system

    def list_downloaded_models(self, namespace: str | None = None) -> Sequence[DownloadedModel]:
        """The models on disk.

        Args:
            namespace: ``"llm"`` or ``"embedding"`` for one kind; None: all.

        Raises:
            LMStudioValueError: If the namespace is another one.
            LMStudioRuntimeError: If the client is closed.
        """
        return self._llm.list_downloaded() if _includes_llm(namespace) else []

    def list_loaded_models(self, namespace: str | None = None) -> Sequence[SyncModelHandle]:
        """The loaded models.

        Args:
            namespace: ``"llm"`` or ``"embedding"`` for one kind; None: all.

        Raises:
            LMStudioValueError: If the namespace is another one.
            LMStudioRuntimeError: If the client is closed.
        """
        return self._llm.list_loaded() if _includes_llm(namespace) else []

    def close(self) -> None:
        """End its loads and predictions with LMStudioCancelledError; later calls fail."""
        self._closed = True
        self._core.close()

    def __enter__(self) -> Self:
        """The client itself.

        Raises:
            LMStudioRuntimeError: If it is closed.
        """
        if self._closed:
            raise LMStudioRuntimeError("The client is closed.")
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close."""
        self.close()


def _includes_llm(namespace: str | None) -> bool:
    if namespace not in (None, "llm", "embedding"):
        raise LMStudioValueError(f"Unknown model namespace: {namespace!r}")
    return namespace != "embedding"


_lock = allocate_lock()
_default_address: tuple[str | None, str | None] = (None, None)
_default_client: Client | None = None


def configure_default_client(api_host: str | None = None, api_token: str | None = None) -> None:
    """Say where the module's own client connects, before its first use.

    Args:
        api_host: As for Client.
        api_token: As for Client.

    Raises:
        LMStudioClientError: If it is in use already.
    """
    global _default_address
    with _lock:
        if _default_client is not None:
            raise LMStudioClientError("Default client is already created, cannot set its API host.")
        _default_address = (api_host, api_token)


def get_default_client(api_host: str | None = None) -> Client:
    """The module's own client, opened at first use, and again after it was closed.

    Args:
        api_host: As for ``configure_default_client()``, if given.

    Raises:
        LMStudioClientError: If api_host is given and the client is in use already.
        LMStudioError: What Client raises.
    """
    global _default_client
    if api_host is not None:
        configure_default_client(api_host)
    with _lock:
        if _default_client is None or _default_client._closed:
            _default_client = Client(*_default_address)
        return _default_client


def llm(
    model_key: str | None = None,
    /,
    *,
    ttl: int | None = DEFAULT_TTL,
    config: LlmLoadModelConfig | LlmLoadModelConfigDict | None = None,
    on_load_progress: ModelLoadingCallback | None = None,
    strict: bool = False,
) -> LLM:
    """Take a loaded language model, or load it, with the module's own client.

    The arguments and exceptions are those of ``Client.llm.model()``.

    Example:
        >>> print(lmstudio.llm().complete("My name is"))
    """
    return get_default_client().llm.model(
        model_key, ttl=ttl, config=config, on_load_progress=on_load_progress, strict=strict
    )


def list_downloaded_models(namespace: str | None = None) -> Sequence[DownloadedModel]:
    """The models on disk, see ``Client.list_downloaded_models()``."""
    return get_default_client().list_downloaded_models(namespace)


def list_loaded_models(namespace: str | None = None) -> Sequence[SyncModelHandle]:
    """The loaded models, see ``Client.list_loaded_models()``."""
    return get_default_client().list_loaded_models(namespace)
