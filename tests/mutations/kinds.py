"""The mutations: each takes a page's bytes and a source of chance, and gives other bytes.

Named in ``MUTATIONS``; applied by ``recipe``. They work on bytes, so that they compose: what one
left undecodable is still a page to the next.
"""

import random
import re
from collections.abc import Callable

from tests.mutations import pieces

Mutation = Callable[[bytes, random.Random], bytes]

_TAG = re.compile(rb"<[^<>]{0,2000}>")
_OPENING = re.compile(rb"<[a-zA-Z][^<>]{0,2000}>")
_ADDRESS = re.compile(rb"(?:href|src|content)=([\"'])(.{0,500}?)\1")
_DIGIT = re.compile(rb"\d")
_META = re.compile(rb"<meta[^<>]{0,200}charset[^<>]{0,200}>", re.IGNORECASE)


def truncate(body: bytes, rng: random.Random) -> bytes:
    """As a broken connection leaves it: cut at any byte."""
    return body[: rng.randrange(len(body) + 1)]


def behead(body: bytes, rng: random.Random) -> bytes:
    """Without its beginning."""
    return body[rng.randrange(len(body) + 1) :]


def drop_tags(body: bytes, rng: random.Random) -> bytes:
    share = rng.choice((0.02, 0.2, 0.6))
    return _TAG.sub(lambda tag: b"" if rng.random() < share else tag.group(), body)


def drop_closing_tags(body: bytes, rng: random.Random) -> bytes:
    """All end tags of one kind, or of every kind."""
    name = rng.choice(
        (b"p", b"div", b"td", b"li", b"a", b"span", b"table", b"script", b"[a-z1-6]+")
    )
    return re.sub(rb"</" + name + rb">", b"", body)


def double_tags(body: bytes, rng: random.Random) -> bytes:
    share = rng.choice((0.02, 0.3))
    return _TAG.sub(lambda tag: tag.group() * (1 + (rng.random() < share)), body)


def swap_tags(body: bytes, rng: random.Random) -> bytes:
    """Tags take each other's places."""
    tags = [tag.group() for tag in _TAG.finditer(body)]
    for _ in range(min(len(tags), rng.choice((1, 5, 50)))):
        a, b = rng.randrange(len(tags)), rng.randrange(len(tags))
        tags[a], tags[b] = tags[b], tags[a]
    taken = iter(tags)
    return _TAG.sub(lambda _: next(taken), body)


def rename_tags(body: bytes, rng: random.Random) -> bytes:
    """Start tags of another kind than their end tags."""
    share = rng.choice((0.03, 0.3))

    def rename(tag: re.Match[bytes]) -> bytes:
        name = rng.choice(pieces.NESTED).encode()
        return b"<" + name + b">" if rng.random() < share else tag.group()

    return _OPENING.sub(rename, body)


def move_slice(body: bytes, rng: random.Random) -> bytes:
    a, b, c = sorted(rng.randrange(len(body) + 1) for _ in range(3))
    return body[:a] + body[b:c] + body[a:b] + body[c:]


def double_slice(body: bytes, rng: random.Random) -> bytes:
    a, b = sorted(rng.randrange(len(body) + 1) for _ in range(2))
    return body[:b] + body[a:b] * rng.randint(1, 3) + body[b:]


def flip_bytes(body: bytes, rng: random.Random) -> bytes:
    flipped = bytearray(body)
    for _ in range(rng.choice((1, 20, len(body) // 50, len(body) // 5)) if body else 0):
        flipped[rng.randrange(len(body))] = rng.randrange(256)
    return bytes(flipped)


def insert_bytes(body: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.randint(1, 12)):
        body = _inserted(body, rng, rng.choice(pieces.BYTES) * rng.choice((1, 1, 1, 50)))
    return body


def insert_entities(body: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.randint(1, 30)):
        body = _inserted(body, rng, rng.choice(pieces.ENTITIES).encode())
    return body


def number_characters(body: bytes, rng: random.Random) -> bytes:
    """Every character outside ASCII as a numeric reference, some broken."""
    broken = rng.choice((0.0, 0.02))

    def number(found: re.Match[str]) -> str:
        code = ord(found.group()) if rng.random() >= broken else rng.randrange(0x120000)
        return f"&#{code};" if rng.random() < 0.5 else f"&#x{code:X}"

    return re.sub("[^\x00-\x7f]", number, _text_of(body)).encode()


def declare_charset(body: bytes, rng: random.Random) -> bytes:
    """Another encoding declared than the one used."""
    charset = rng.choice(pieces.CHARSETS)
    meta = f"<meta http-equiv='Content-Type' content='text/html; charset={charset}'>"
    declared = _META.sub(lambda _: meta.encode(), body)
    return declared if declared != body else meta.encode() + body


def encode_again(body: bytes, rng: random.Random) -> bytes:
    """The same text in other bytes than declared, or half in these and half in those."""
    text = _text_of(body)
    codec = rng.choice(pieces.CODECS)
    cut = rng.choice((0, 0, rng.randrange(len(text) + 1)))
    return text[:cut].encode() + text[cut:].encode(codec, "ignore")


def garble(body: bytes, rng: random.Random) -> bytes:
    """Mojibake: decoded as what it is not and stored so."""
    codec = rng.choice(("latin-1", "gb18030", "cp1252"))
    return body.decode(codec, "replace").encode("utf-8", "replace")


def nest(body: bytes, rng: random.Random) -> bytes:
    """Somewhere in the page, elements inside each other to a depth of up to thousands."""
    tags = [rng.choice(pieces.NESTED) for _ in range(rng.choice((1, 1, 3)))]
    depth = rng.choice((10, 100, 500, 1000, 2000, 3000)) // len(tags)
    opening = "".join(f"<{tag}>" for tag in tags) * depth
    closing = "".join(f"</{tag.split()[0]}>" for tag in reversed(tags)) * depth
    return _wrapped(body, rng, opening.encode(), closing.encode() if rng.random() < 0.7 else b"")


def lengthen_attributes(body: bytes, rng: random.Random) -> bytes:
    length = rng.choice((1_000, 30_000, 200_000))
    value = (
        rng.choice(("a ", "x", "display:none;", "&amp;", "/", "share-", "王", "\\", "=")) * length
    )
    name = rng.choice(("class", "id", "style", "href", "src", "alt", "title", "content", "data-x"))
    attribute = f' {name}="{value[:length]}"'.encode()
    return _into_tags(body, rng, attribute, rng.randint(1, 3))


def insert_siblings(body: bytes, rng: random.Random) -> bytes:
    sibling = rng.choice(pieces.SIBLINGS).encode()
    return _inserted(body, rng, sibling * rng.choice((30, 300, 3000)))


def insert_runs(body: bytes, rng: random.Random) -> bytes:
    """One word or mark thousands of times: what makes a pattern search for ever."""
    for _ in range(rng.randint(1, 3)):
        run = rng.choice(pieces.RUNS) * rng.choice((30, 1000, 20_000))
        body = _inserted(body, rng, run.encode())
    return body


def insert_lines(body: bytes, rng: random.Random) -> bytes:
    """Lines of the words that stand around articles, in no order."""
    for _ in range(rng.randint(1, 30)):
        words = rng.choices(pieces.WORDS, k=rng.choice((2, 5, 9, 20, 60, 200)))
        tag = rng.choice(("p", "p", "div", "li", "h1", "td", "span", "title"))
        body = _inserted(body, rng, f"<{tag}>{''.join(words)}</{tag}>".encode())
    return body


def open_and_leave(body: bytes, rng: random.Random) -> bytes:
    """Comments, scripts, sections and quotes that never end, or end without a beginning."""
    for _ in range(rng.randint(1, 3)):
        body = _inserted(body, rng, rng.choice(pieces.OPENERS))
    return body


def repeat_page(body: bytes, rng: random.Random) -> bytes:
    return body * rng.randint(2, 6)


def hide(body: bytes, rng: random.Random) -> bytes:
    """Elements hidden, or named as boilerplate."""
    return _into_tags(body, rng, rng.choice(pieces.HIDING), rng.choice((1, 5, 60)))


def change_digits(body: bytes, rng: random.Random) -> bytes:
    """Dates no calendar has; digits that are digits in other scripts only."""
    digits = [*"0123456789"] * 3 + [*"²③٣৪１９〇"]
    share = rng.choice((0.05, 0.5))
    return _DIGIT.sub(
        lambda found: rng.choice(digits).encode() if rng.random() < share else found.group(), body
    )


def change_addresses(body: bytes, rng: random.Random) -> bytes:
    share = rng.choice((0.1, 0.8))

    def change(found: re.Match[bytes]) -> bytes:
        if rng.random() >= share:
            return found.group()
        return found.group()[: found.start(2) - found.start()] + (
            rng.choice(pieces.ADDRESSES).encode() + found.group(1)
        )

    return _ADDRESS.sub(change, body)


def change_spaces(body: bytes, rng: random.Random) -> bytes:
    """White space of all kinds in place of blanks, and between characters."""
    space = rng.choice(pieces.SPACES).encode()
    if rng.random() < 0.5:
        return body.replace(b" ", space)
    return re.sub(rb"(?<=[\x80-\xbf])(?=[\xe3-\xe9])", space, body)


def extend_head(body: bytes, rng: random.Random) -> bytes:
    """Metadata no parser expects, at the place for them or anywhere."""
    lines = [
        line.format(n=rng.choice(pieces.NUMBERS))
        for line in rng.sample(pieces.HEAD_LINES, rng.randint(1, 4))
    ]
    head = "".join(lines).encode()
    if rng.random() < 0.3:
        return _inserted(body, rng, head)
    return body.replace(b"<head>", b"<head>" + head, 1)


MUTATIONS: dict[str, Mutation] = {
    mutation.__name__: mutation
    for mutation in (
        *(truncate, behead, drop_tags, drop_closing_tags, double_tags, swap_tags, rename_tags),
        *(move_slice, double_slice, flip_bytes, insert_bytes, insert_entities, number_characters),
        *(declare_charset, encode_again, garble, nest, lengthen_attributes, insert_siblings),
        *(
            insert_runs,
            insert_lines,
            open_and_leave,
            repeat_page,
            hide,
            change_digits,
            change_addresses,
        ),
        *(change_spaces, extend_head),
    )
}


def _text_of(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("gb18030", "replace")


def _inserted(body: bytes, rng: random.Random, piece: bytes) -> bytes:
    """``piece`` anywhere, more often between two tags than within one."""
    place = rng.randrange(len(body) + 1)
    if rng.random() < 0.7:
        place = body.find(b">", place) + 1
    return body[:place] + piece + body[place:]


def _wrapped(body: bytes, rng: random.Random, opening: bytes, closing: bytes) -> bytes:
    """``opening`` and ``closing`` around the whole body, or around any part of it."""
    start, end = body.find(b"<body>") + 6, body.rfind(b"</body>")
    if rng.random() < 0.5 or not 6 <= start < end:
        start, end = sorted(rng.randrange(len(body) + 1) for _ in range(2))
    return body[:start] + opening + body[start:end] + closing + body[end:]


def _into_tags(body: bytes, rng: random.Random, attribute: bytes, count: int) -> bytes:
    tags = list(_OPENING.finditer(body))
    for tag in sorted(rng.sample(tags, min(count, len(tags))), key=lambda tag: -tag.start()):
        place = tag.end() - 1
        body = body[:place] + attribute + body[place:]
    return body
