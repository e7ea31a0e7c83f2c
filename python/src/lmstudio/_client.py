"""The client."""

from __future__ import annotations

import atexit
from _weakref import ref

from lmstudio import _core

from ._embedding_session import EmbeddingSession
from ._errors import (
    LMStudioClientError,
    LMStudioRuntimeError,
    LMStudioTimeoutError,
    LMStudioValueError,
    LMStudioWebsocketError,
)
from ._nesting import shown
from ._options import path_of
from ._results import api_host_of
from ._sessions import LlmSession, SystemSession

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from typing_extensions import Self

    from ._chat_types import LocalFileInput
    from ._downloads import DownloadedModel
    from ._files import FilesSession
    from ._handles import SyncModelHandle
    from ._history import FileHandle

# Whatever still runs at the end of the process is stopped, so that it ends at once.
atexit.register(_core.close_all)

_PROBE_MS = 1000
_CONTACT_SECONDS = 5.0


class Client:
    """The way to the models. Leaving the ``with`` block closes it.

    Clients of the same models share what is loaded; it stays loaded until the last one is closed.

    Example:
        >>> with lmstudio.Client() as client:
        ...     print(client.llm.model().complete("My name is"))
    """

    def __init__(
        self,
        api_host: str | None = None,
        api_token: str | None = None,
        *,
        ca_file: str | os.PathLike[str] | None = None,
    ) -> None:
        """Open a client. A server that is named is not contacted yet; ``with`` and calls do.

        Args:
            api_host: ``"host"``, ``"host:port"`` or a ``ws://``, ``wss://``, ``http://`` or
                ``https://`` URL for an LM Studio server; ``"local:"`` for models in this process,
                found in ``LMSTUDIO_MODELS_DIR`` or ``~/.lmstudio/models``; ``"local:DIR"`` for
                those in DIR; None or empty: the ``LMSTUDIO_HOST`` environment variable, else a
                server that answers on a default port of this computer, else ``"local:"``.
            api_token: ``"sk-lm-..."``; None: the ``LM_API_TOKEN`` or ``LMSTUDIO_API_TOKEN``
                environment variable, or none.
            ca_file: PEM file of authorities to trust beside the system's, for ``wss://``.

        Raises:
            LMStudioValueError: If an address, token or file makes no sense.
            LMStudioRuntimeError: In a process that was forked from one that used this package.
        """
        authorities = None if ca_file is None else path_of(ca_file, "ca_file")
        self._core = _core.Client(api_host, api_token, authorities)
        self._llm = LlmSession(self._core)
        self._embedding = EmbeddingSession(self._core)
        self._system = SystemSession(self._llm, self._embedding)
        self._llm._owner = self._embedding._owner = self._system._owner = ref(self)
        self._closed = False

    @classmethod
    def is_valid_api_host(cls, api_host: str) -> bool:
        """Whether an LM Studio server answers at an address, within a second.

        Args:
            api_host: As for the constructor. A wss server's certificate must be of an authority
                that the system trusts.

        Raises:
            LMStudioValueError: If it is no address.
        """
        return _core.server_is_at(api_host, _PROBE_MS)

    @classmethod
    def find_default_local_api_host(cls) -> str | None:
        """The ``"host:port"`` of a server on a default port of this computer, or None."""
        return api_host_of(_core.server_find(_PROBE_MS)) or None

    @property
    def api_host(self) -> str:
        """Where the models run, in a form that the constructor takes; tells what was chosen.

        ``"host:port"``, with a path if there is one, a ``wss://`` URL, or ``"local:"`` and the
        models' folder.
        """
        return api_host_of(self._core.address)

    @property
    def llm(self) -> LlmSession:
        """Language models."""
        return self._llm

    @property
    def embedding(self) -> EmbeddingSession:
        """Embedding models, which turn texts into vectors."""
        return self._embedding

    @property
    def system(self) -> SystemSession:
        """What is on disk."""
        return self._system

    @property
    def files(self) -> FilesSession:
        """Files for a model."""
        from ._files import FilesSession

        files = FilesSession(self._llm)
        files._owner = self._llm._owner
        return files

    def prepare_image(
        self,
        src: LocalFileInput,
        name: str | None = None,
        *,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> FileHandle:
        """Hand over an image, see ``Client.files.prepare_image()``."""
        return self.files.prepare_image(src, name, timeout=timeout, idle_timeout=idle_timeout)

    def list_downloaded_models(
        self,
        namespace: str | None = None,
        *,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> Sequence[DownloadedModel]:
        """The models on disk.

        Args:
            namespace: ``"llm"`` or ``"embedding"`` for one kind; None: all.
            timeout: Seconds it may take; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``.

        Raises:
            LMStudioValueError: If the namespace is another one.
            LMStudioRuntimeError: If the client is closed.
            LMStudioTimeoutError: If a timeout passes.
        """
        self._sessions(namespace)  # refuses other names
        models = self._system.list_downloaded_models(timeout=timeout, idle_timeout=idle_timeout)
        return [model for model in models if namespace in (None, model.type)]

    def list_loaded_models(
        self,
        namespace: str | None = None,
        *,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> Sequence[SyncModelHandle]:
        """The loaded models.

        Args:
            namespace: ``"llm"`` or ``"embedding"`` for one kind; None: all.
            timeout: Seconds it may take; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``.

        Raises:
            LMStudioValueError: If the namespace is another one.
            LMStudioRuntimeError: If the client is closed.
            LMStudioTimeoutError: If a timeout passes.
        """
        return [
            model
            for session in self._sessions(namespace)
            for model in session.list_loaded(timeout=timeout, idle_timeout=idle_timeout)
        ]

    def _sessions(self, namespace: str | None) -> list[LlmSession | EmbeddingSession]:
        """Those of a namespace: all, language models first, if it is None."""
        if namespace not in (None, "llm", "embedding"):
            raise LMStudioValueError(f"Unknown model namespace: {shown(namespace)}")
        sessions: list[LlmSession | EmbeddingSession] = [self._llm, self._embedding]
        return [one for one in sessions if namespace in (None, one._namespace)]

    def close(self) -> None:
        """End its loads and predictions with LMStudioCancelledError; later calls fail."""
        self._closed = True
        self._core.close()

    def __enter__(self) -> Self:
        """The client itself, once its server has answered.

        Raises:
            LMStudioRuntimeError: If it is closed.
            LMStudioClientError: If the server is not reachable.
            LMStudioServerError: If it does not accept the token.
        """
        try:
            self._contact()
        except LMStudioClientError:
            self.close()
            raise
        return self

    def _contact(self) -> None:
        """See whether the server answers."""
        if self._closed:
            raise LMStudioRuntimeError("The client is closed.")
        if self._llm._is_local:
            return
        try:
            self._llm.list_loaded(timeout=_CONTACT_SECONDS)
        except (LMStudioWebsocketError, LMStudioTimeoutError) as error:
            text = str(error)  # which tells the reason, if nothing is there at all
            if "is not reachable" not in text:
                text = f"LM Studio is not reachable at {self._core.address}: {text}"
                text += " Is LM Studio running?"
            raise LMStudioClientError(text) from error

    def __exit__(self, *_exception: object) -> None:
        """Close."""
        self.close()
