"""Tell a file's type by its first bytes, never by its name or by what a client claims."""

from media.limits import HEIC, JPEG, PNG, WEBP

N_HEAD = 64
"""So many bytes are enough."""

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_HEIF_BRANDS = frozenset({b"mif1", b"msf1"})
_PREFIXES = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"BM", "image/bmp"),
    (b"\0\0\x01\0", "image/x-icon"),
    (b"%PDF-", "application/pdf"),
    (b"%!PS", "application/postscript"),
)


def sniff(head: bytes) -> str | None:
    """The media type that the first bytes announce, or None for anything unknown.

    Some types that are never allowed are told apart too, so that a refusal can name them.
    """
    for prefix, media_type in _PREFIXES:
        if head.startswith(prefix):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp":
        return _iso_media_type(head)
    return None


def _iso_media_type(head: bytes) -> str | None:
    n_box = min(int.from_bytes(head[:4], "big"), N_HEAD)
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, n_box - 3, 4))}
    if brands & {b"avif", b"avis"}:
        return "image/avif"
    if brands & _HEIC_BRANDS or head[8:12] in _HEIF_BRANDS:
        return HEIC
    return None
