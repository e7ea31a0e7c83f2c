"""The client that belongs to the module, and the functions that use it."""

from __future__ import annotations

from _thread import allocate_lock
from os import register_at_fork

from ._client import Client
from ._downloads import DEFAULT_TTL
from ._errors import LMStudioClientError
from ._options import name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._chat_types import LocalFileInput
    from ._downloads import DownloadedModel
    from ._embedding import EmbeddingModel
    from ._handles import SyncModelHandle
    from ._history import FileHandle
    from ._llm import LLM
    from ._load_configs import (
        EmbeddingLoadModelConfig,
        LlmLoadModelConfig,
    )
    from ._types import (
        EmbeddingLoadModelConfigDict,
        LlmLoadModelConfigDict,
        ModelLoadingCallback,
    )

_lock = allocate_lock()
_default_address: tuple[str | None, str | None] = (None, None)
_default_client: Client | None = None


def _renew_lock() -> None:
    """Whoever held the lock is not there in a forked child, and would never let go of it."""
    global _lock
    _lock = allocate_lock()


register_at_fork(after_in_child=_renew_lock)


def configure_default_client(api_host: str | None = None, api_token: str | None = None) -> None:
    """Say where the module's own client connects, before its first use.

    Whether there can be such an address and token is found out at that use: a process that had
    asked the library could not be forked for workers any more.

    Args:
        api_host: As for Client.
        api_token: As for Client.

    Raises:
        LMStudioClientError: If it is in use already.
        LMStudioValueError: If one of them is no text.
    """
    global _default_address
    for value, name in ((api_host, "api_host"), (api_token, "api_token")):
        if value is not None:
            name_of(value, name)
    with _lock:
        _refuse_if_in_use()
        _default_address = (api_host, api_token)


def get_default_client(api_host: str | None = None) -> Client:
    """The module's own client, opened at first use, and again after it was closed.

    Args:
        api_host: As for ``configure_default_client()``, if given; it is kept once it is opened.

    Raises:
        LMStudioClientError: If api_host is given and the client is in use already.
        LMStudioError: What Client raises.
    """
    global _default_address, _default_client
    with _lock:
        address = _default_address
        if api_host is not None:
            _refuse_if_in_use()
            address = (api_host, None)
        if _default_client is None or _default_client._closed:
            _default_client = Client(*address)
            _default_address = address
        return _default_client


def _refuse_if_in_use() -> None:
    if _default_client is not None:
        raise LMStudioClientError("Default client is already created, cannot set its API host.")


def llm(
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
    """Take a loaded language model, or load it, with the module's own client.

    The arguments and exceptions are those of ``Client.llm.model()``.

    Example:
        >>> print(lmstudio.llm().complete("My name is"))
    """
    return get_default_client().llm.model(
        model_key,
        ttl=ttl,
        config=config,
        on_load_progress=on_load_progress,
        strict=strict,
        verify=verify,
        timeout=timeout,
        idle_timeout=idle_timeout,
    )


def embedding_model(
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
    """Take a loaded embedding model, or load it, with the module's own client.

    The arguments and exceptions are those of ``Client.embedding.model()``.

    Example:
        >>> vector = lmstudio.embedding_model().embed("My name is")
    """
    return get_default_client().embedding.model(
        model_key,
        ttl=ttl,
        config=config,
        on_load_progress=on_load_progress,
        strict=strict,
        verify=verify,
        timeout=timeout,
        idle_timeout=idle_timeout,
    )


def list_downloaded_models(
    namespace: str | None = None,
    *,
    timeout: float | None = None,
    idle_timeout: float | None = None,
) -> Sequence[DownloadedModel]:
    """The models on disk, see ``Client.list_downloaded_models()``."""
    return get_default_client().list_downloaded_models(
        namespace, timeout=timeout, idle_timeout=idle_timeout
    )


def list_loaded_models(
    namespace: str | None = None,
    *,
    timeout: float | None = None,
    idle_timeout: float | None = None,
) -> Sequence[SyncModelHandle]:
    """The loaded models, see ``Client.list_loaded_models()``."""
    return get_default_client().list_loaded_models(
        namespace, timeout=timeout, idle_timeout=idle_timeout
    )


def prepare_image(
    src: LocalFileInput,
    name: str | None = None,
    *,
    timeout: float | None = None,
    idle_timeout: float | None = None,
) -> FileHandle:
    """Hand over an image, see ``Client.files.prepare_image()``."""
    return get_default_client().prepare_image(src, name, timeout=timeout, idle_timeout=idle_timeout)
