"""The media type of a file by its first bytes (WHATWG, "MIME Sniffing", sections 6 and 7, and the formats' own marks)."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["media_type"]

UNKNOWN = "application/octet-stream"

_MARKS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (8, b"WAVE", "audio/wav"),
    (0, b"%PDF-", "application/pdf"),
    (128, b"DICM", "application/dicom"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"\x1f\x8b", "application/gzip"),
)
_OFFICE: Mapping[str, tuple[bytes, str]] = {
    "docx": (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xlsx": (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "pptx": (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
}
_TEXTS: Mapping[str, str] = {"csv": "text/csv", "json": "application/json"}


def media_type(head: bytes, name: str) -> str:
    """The type of a file that begins with `head`; its name only chooses between types that are told the same way.

    Markup is plain text: nothing that is kept here is ever shown as a page.
    """
    for place, mark, kind in _MARKS:
        if head[place : place + len(mark)] == mark:
            return kind
    ending = name.rpartition(".")[2].lower()
    if head.startswith(b"PK\x03\x04"):
        part, kind = _OFFICE.get(ending, (b"", "application/zip"))
        return kind if part in head else "application/zip"
    return _TEXTS.get(ending, "text/plain") if _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    if not head or any(byte < 9 or 13 < byte < 32 for byte in head[:4096]):
        return False
    for cut in range(4):  # the last character may be cut off by the end of the chunk
        try:
            head[: len(head) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return True
    return False
