"""One address for one article, one digest for one content."""

from dataclasses import replace
from hashlib import sha256
from urllib.parse import urlsplit

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from storage import Block, Image, canonical_url, content_digest, place_blocks, url_key
from tests.records import URL, article

# -- canonical URLs -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("http://x.cn", "http://x.cn/"),
        ("HTTP://WWW.X.CN/A.html", "http://www.x.cn/A.html"),
        ("https://x.cn:443/a", "https://x.cn/a"),
        ("http://x.cn:80/a", "http://x.cn/a"),
        ("http://x.cn:8080/a", "http://x.cn:8080/a"),
        ("https://x.cn:80/a", "https://x.cn:80/a"),
        ("http://x.cn./a", "http://x.cn/a"),
        ("http://user:pw@x.cn/a", "http://x.cn/a"),
        ("http://[2001:DB8::1]:80/a", "http://[2001:db8::1]/a"),
        ("  http://x.cn/a\n", "http://x.cn/a"),
        ("http://x.cn/a#p2", "http://x.cn/a"),
        ("http://x.cn/a?", "http://x.cn/a"),
        # host names in Chinese, as 政府网站 may have them
        ("http://中国.政务/a", "http://xn--fiqs8s.xn--zfr164b/a"),
        ("http://例子。cn。/a", "http://xn--fsqu00a.cn/a"),
        # percent-escapes
        ("http://x.cn/解读.html", "http://x.cn/%E8%A7%A3%E8%AF%BB.html"),
        ("http://x.cn/%e8%a7%a3%E8%AF%BB.html", "http://x.cn/%E8%A7%A3%E8%AF%BB.html"),
        ("http://x.cn/%bd%e2%b6%c1", "http://x.cn/%BD%E2%B6%C1"),  # GBK: no UTF-8
        ("http://x.cn/%41%2D%7e", "http://x.cn/A-~"),
        ("http://x.cn/a%2fb", "http://x.cn/a%2Fb"),  # not a/b
        ("http://x.cn/a%3Fb=1", "http://x.cn/a%3Fb=1"),  # not a?b=1
        ("http://x.cn/100%", "http://x.cn/100%25"),
        ("http://x.cn/100%25", "http://x.cn/100%25"),
        ("http://x.cn/%2541", "http://x.cn/%2541"),  # not %41
        ("http://x.cn/a b", "http://x.cn/a%20b"),
        # parameters
        ("http://x.cn/a?b=2&a=1", "http://x.cn/a?a=1&b=2"),
        ("http://x.cn/a?b=1&&a=2&", "http://x.cn/a?a=2&b=1"),
        ("http://x.cn/a?1001", "http://x.cn/a?1001"),
        ("http://x.cn/a?a", "http://x.cn/a?a"),
        ("http://x.cn/a?a=", "http://x.cn/a?a="),
        ("http://x.cn/a?ba=1&a", "http://x.cn/a?a&ba=1"),
        ("http://x.cn/a?q=a+b", "http://x.cn/a?q=a%20b"),
        ("http://x.cn/a?q=解读&p=%bd%e2", "http://x.cn/a?p=%BD%E2&q=%E8%A7%A3%E8%AF%BB"),
        ("http://x.cn/a?u=http://y.cn/?b=1", "http://x.cn/a?u=http%3A%2F%2Fy.cn%2F%3Fb%3D1"),
        ("http://x.cn/a?id=7&utm_source=wx&spm=1.2&hmsr=a", "http://x.cn/a?id=7"),
        ("http://x.cn/a?UTM_Source=wx", "http://x.cn/a"),
        ("http://x.cn/a?from=timeline&isappinstalled=0", "http://x.cn/a"),
        ("http://x.cn/a?from=2024", "http://x.cn/a?from=2024"),
        ("http://x.cn/a?spmid=3", "http://x.cn/a?spmid=3"),
        ("http://x.cn/a.jsp;jsessionid=1A2B?id=7", "http://x.cn/a.jsp?id=7"),
    ],
)
def test_the_canonical_form(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x.cn/a",
        "/jiedu/1.html",
        "//x.cn/a",
        "javascript:void(0)",
        "mailto:office@x.cn",
        "ftp://x.cn/a",
        "http://",
        "http:///a",
        "http://./a",
        "http://x.cn:port/a",
        "http://x.cn:99999/a",
        "http://[::1/a",
        "http://a b/",
        "http://x<y>.cn/",
        "http://\ud800.cn/",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"URL|host name"):
        canonical_url(url)
    with pytest.raises(ValueError, match=r"URL|host name"):
        url_key(url)


_HOSTS = st.sampled_from(["x.cn", "WWW.X.CN", "中国.政务.cn", "例子。cn。", "[::1]", "1.2.3.4"])
_TAILS = st.text(max_size=40) | st.text("/?&=%;:@+#. aA1解2fF\x00\ud800", max_size=40)


@given(host=_HOSTS, tail=_TAILS)
@example(host="x.cn", tail="%%341")
@example(host="x.cn", tail="%e%341")
@example(host="x.cn", tail=";jsessionid=;jsessionid=1?a")
@example(host="x.cn", tail="//;jsessionid=1")
@settings(deadline=None)
def test_the_canonical_form_is_its_own(host: str, tail: str) -> None:
    for scheme in ("http", "https"):
        url = canonical_url(f"{scheme}://{host}/{tail}")
        assert canonical_url(url) == url
        assert url_key(url) == url_key(f"{scheme}://{host}/{tail}")
        assert url.isascii()
        assert not set(url) & set(' "<>#\n')


@given(url=st.text(max_size=60) | st.text("htps:/.[]@?&=%#x解 \x00\ud800", max_size=30))
@settings(deadline=None)
def test_any_text_is_an_address_or_a_value_error(url: str) -> None:
    try:
        canonical = canonical_url(url)
    except ValueError:
        return
    assert canonical_url(canonical) == canonical
    assert urlsplit(canonical).hostname


@given(host=_HOSTS, tail=_TAILS)
@settings(deadline=None)
def test_the_key_ignores_the_scheme(host: str, tail: str) -> None:
    assert url_key(f"http://{host}/{tail}") == url_key(f"https://{host}/{tail}")


@given(st.lists(st.sampled_from(["a=1", "b=2", "c", "d=", "a=0"]), max_size=5), st.randoms())
def test_the_order_of_parameters_is_no_part_of_it(parts: list[str], chance: object) -> None:
    other = sorted(parts, key=lambda part: sha256(f"{part}{chance}".encode()).digest())
    assert url_key("http://x.cn/?" + "&".join(parts)) == url_key("http://x.cn/?" + "&".join(other))


def test_a_long_address_has_a_key_of_bounded_length() -> None:
    long = "http://x.cn/?q=" + "解" * 5_000
    assert len(url_key(long)) == 1_000
    assert url_key(long) != url_key(long + "读")
    assert url_key(long) == url_key(long.replace("http:", "https:"))
    assert len(canonical_url(long)) > 45_000


@given(st.integers(900, 1_100))
def test_keys_are_as_different_as_addresses(length: int) -> None:
    url = "http://x.cn/" + "a" * length
    assert url_key(url) != url_key(url + "a")
    assert url_key(url) != url_key(url[:-1] + "b")


# -- content digests ------------------------------------------------------------------------------

ZERO_WIDTH = "\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
INVISIBLE = " \t\n\r\f\v\x1c\x85\xa0\u1680\u2003\u2028\u3000" + ZERO_WIDTH
_TEXTS = st.text(min_size=1, max_size=30)


def is_visible(character: str) -> bool:
    return (
        not character.isspace()
        and character not in "\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
    )


def test_the_digest_is_what_the_contract_says() -> None:
    told = article("一\u3000二 ", "\t三\u200b")
    text = "数据要素怎样流通（政策解读）\n五个方面一二三"
    assert content_digest(told) == sha256(text.encode()).hexdigest()


@given(st.lists(_TEXTS, min_size=1, max_size=4), st.data())
@settings(deadline=None)
def test_white_space_and_zero_width_are_no_content(texts: list[str], data: st.DataObject) -> None:
    spaced = []
    for text in texts:
        place = data.draw(st.integers(0, len(text)))
        spaced.append(text[:place] + data.draw(st.text(INVISIBLE, max_size=3)) + text[place:])
    assert content_digest(article(*spaced)) == content_digest(article(*texts))


@given(_TEXTS, st.characters(), st.data())
@settings(deadline=None)
def test_every_other_character_is_content(text: str, new: str, data: st.DataObject) -> None:
    assume(is_visible(new))
    before = content_digest(article(text))
    place = data.draw(st.integers(0, len(text)))
    assert content_digest(article(text[:place] + new + text[place:])) != before
    places = [n for n, old in enumerate(text) if is_visible(old) and old != new]
    if places:
        place = data.draw(st.sampled_from(places))
        assert content_digest(article(text[:place] + new + text[place + 1 :])) != before
        assert content_digest(article(text[:place] + text[place + 1 :])) != before


def test_nothing_is_folded() -> None:
    texts = ["ABC", "abc", "ＡＢＣ", "é", "e\u0301", "，", ",", "零", "〇", "2027", "２０２７"]
    assert len({content_digest(article(text)) for text in texts}) == len(texts)


def test_title_and_text_are_kept_apart() -> None:
    assert content_digest(article("乙丙", title="甲")) != content_digest(
        article("丙", title="甲乙")
    )


def test_the_kind_of_a_block_is_no_content_but_captions_are_left_out() -> None:
    def told(*blocks: Block) -> str:
        return content_digest(replace(article(), blocks=place_blocks(blocks)))

    paragraph = Block(kind="paragraph", text="一")
    assert told(paragraph) == told(Block(kind="heading", text="一"))
    assert told(paragraph) == told(paragraph, Block(kind="caption", text="图"))
    assert told(Block(kind="table", text="甲\t乙\n丙\t丁")) != told(
        Block(kind="table", text="甲\t丙\n乙\t丁")
    )


def test_only_a_picture_interpretation_is_told_by_its_images() -> None:
    images = (Image(url="http://x.cn/1.png?v=1"), Image(url="http://x.cn/2.png"))
    chart = replace(article(), media_kind="图解", images=images)
    assert content_digest(replace(article(), images=images)) == content_digest(article())
    assert content_digest(chart) != content_digest(article())
    assert content_digest(chart) != content_digest(replace(chart, images=images[::-1]))
    unversioned = (Image(url="http://x.cn/1.png"), images[1])
    assert content_digest(chart) == content_digest(replace(chart, images=unversioned))


def test_the_digest_is_that_of_what_can_be_stored() -> None:
    assert content_digest(article("一\x00二\ud800")) == content_digest(article("一\ufffd二\ufffd"))


def test_no_other_field_is_content() -> None:
    other = replace(
        article(url=URL + "?2", reader="9+x", layout="2019"),
        byline=None,
        authors=("甲",),
        editors=(),
        source="别处",
        origin=None,
        posted_at=None,
        links=(),
        column_tag=None,
        title_main=None,
        page_count=3,
    )
    assert content_digest(other) == content_digest(article())
