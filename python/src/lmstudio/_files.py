"""Files for a model: ``client.files``."""

from __future__ import annotations

from binascii import b2a_base64
from os import PathLike, fsdecode
from os.path import basename

from ._errors import LMStudioFileNotFoundError, LMStudioOSError, LMStudioValueError
from ._history import FileHandle
from ._options import text_of
from ._session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._chat_types import LocalFileInput
    from ._sessions import LlmSession


class FilesSession(Session):
    """Files for a model: ``client.files``."""

    _namespace = "files"

    def __init__(self, llm: LlmSession) -> None:
        """Made by Client."""
        self._llm = llm

    def prepare_image(
        self,
        src: LocalFileInput,
        name: str | None = None,
        *,
        timeout: float | None = None,
        idle_timeout: float | None = None,
    ) -> FileHandle:
        """Hand over an image, for ``Chat.add_user_message(…, images=[handle])``.

        Models in this process take PNG, JPEG, WebP, GIF and BMP; a server may take more kinds.

        Args:
            src: A path, a file that was opened for reading bytes, or the file's bytes in anything
                that has the buffer protocol.
            name: Its name for people, without a directory; None: the file's, or a random one.
            timeout: Seconds it may take; None: any time.
            idle_timeout: Seconds in which nothing comes; None: the default, see
                ``set_sync_api_timeout()``.

        Returns:
            What stands for it in a chat, until the client is closed.

        Raises:
            LMStudioFileNotFoundError: If there is no such file. It is an LMStudioOSError too.
            LMStudioOSError: If it cannot be read.
            LMStudioValueError: If src or name is something else, or the file is empty; if the
                models run in this process and this client has handed over 256 MiB of files before.
            LMStudioServerError: If the server does not take the file.
            LMStudioTimeoutError: If a timeout passes.

        Example:
            >>> image = client.files.prepare_image("photo.jpeg")
            >>> chat.add_user_message("What is this?", images=[image])
        """
        given = self._llm._limits(timeout, idle_timeout)
        if name is not None:
            text_of(name, "name")
        default_name, content = _content_of(src)
        if not content.nbytes:
            raise LMStudioValueError(f"{src!r} is empty; hand over an image.")
        parameter = {
            "name": name or default_name,
            "contentBase64": b2a_base64(content, newline=False).decode(),
        }
        answer = self._llm._call("files", "uploadFileBase64", parameter, given)
        return FileHandle.from_dict({**answer, "name": parameter["name"]})


def _content_of(src: LocalFileInput) -> tuple[str, memoryview]:
    """A name for a file, and its bytes.

    Raises:
        LMStudioError: See ``prepare_image()``.
    """
    if isinstance(src, (str, PathLike)):
        path = fsdecode(src)
        return basename(path), _bytes_of(_read(path), src)
    if hasattr(src, "read"):
        try:
            data = src.read()
        except OSError as error:
            raise LMStudioOSError(f"{src!r} cannot be read: {error}") from error
        except ValueError as error:  # it is closed
            raise LMStudioValueError(f"{src!r} cannot be read: {error}") from error
        name = getattr(src, "name", None)  # a number, if it was opened by one
        return basename(name) if isinstance(name, str) else _random_name(), _bytes_of(data, src)
    return _random_name(), _bytes_of(src, src)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError as error:
        raise LMStudioFileNotFoundError(f"There is no file {path!r}.") from error
    except OSError as error:
        raise LMStudioOSError(f"{path!r} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise LMStudioValueError(f"src is not a path: {error}: {path!r}") from None


def _bytes_of(data: object, src: object) -> memoryview:
    try:
        view = memoryview(data)  # type: ignore[arg-type]  # that is what is tried
    except TypeError:
        if isinstance(data, str):
            raise LMStudioValueError(f"{src!r} gives text: open it for reading bytes.") from None
        raise LMStudioValueError(
            "src must be a path, a file that was opened for reading bytes, or bytes, not "
            f"{type(src).__name__}."
        ) from None
    return view if view.c_contiguous else memoryview(view.tobytes())


def _random_name() -> str:
    from uuid import uuid4

    return str(uuid4())
