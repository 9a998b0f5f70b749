"""What a reprint kept, cut and added; and which copy counts as the earliest."""

import datetime as dt

import pytest

from storage.outlets import credited_names, outlet_names
from storage.reprint_changes import Comparison, Passage, compare_texts
from storage.reprint_origin import Copy, order_copies

ORIGINAL = (
    "近日，示例省印发若干措施。",
    "措施共五个方面，今年七月起施行。",  # 7 letters and 7
    "到2027年，交易额力争翻一番。",
)
LETTERS = sum(character.isalnum() for text in ORIGINAL for character in text)


def counts(found: Comparison) -> tuple[int, int, int]:
    return found.kept, found.cut, found.added


def test_an_equal_text_keeps_everything_whatever_its_paragraphs_and_marks() -> None:
    whole = "".join(ORIGINAL).replace("，", ", ").replace("2027", "２０２７")
    for again in (ORIGINAL, (whole,), (whole[:9], whole[9:20], whole[20:])):
        found = compare_texts(ORIGINAL, again)
        assert counts(found) == (LETTERS, 0, 0)
        assert found.passages == ()


def test_a_cut_and_an_addition_are_told_with_their_blocks() -> None:
    reprint = ("编者按：请看。", ORIGINAL[0], ORIGINAL[2])
    found = compare_texts(ORIGINAL, reprint)
    assert counts(found) == (LETTERS - 14, 14, 5)
    assert found.passages == (
        Passage(kind="cut", block=2, text=ORIGINAL[1]),
        Passage(kind="added", block=1, text="编者按：请看。"),
    )


def test_what_was_moved_is_kept() -> None:
    found = compare_texts(ORIGINAL, (ORIGINAL[1], ORIGINAL[2], ORIGINAL[0]))
    assert found.cut == found.added <= 2  # 近日, too short to be told from another one


def test_a_changed_word_is_cut_and_added() -> None:
    found = compare_texts(ORIGINAL, (*ORIGINAL[:2], "到2027年，交易额力争增长一倍。"))
    assert counts(found) == (LETTERS - 3, 3, 4)  # 翻一番, 增长一倍
    assert [passage.text for passage in found.passages] == ["翻一番。", "增长一倍。"]
    found = compare_texts(ORIGINAL, (ORIGINAL[0].replace("示例省", "示例市"), *ORIGINAL[1:]))
    assert counts(found) == (LETTERS - 1, 1, 1)


def test_other_texts_and_no_text() -> None:
    assert counts(compare_texts((), ORIGINAL)) == (0, 0, LETTERS)
    assert counts(compare_texts(ORIGINAL, ())) == (0, LETTERS, 0)
    long = ["".join(chr(0x4E00 + n * 7 % 9000 + 9000 * k) for n in range(5000)) for k in (0, 1)]
    assert counts(compare_texts(long[:1], long[1:])) == (0, 5000, 5000)


# -- the earliest copy ----------------------------------------------------------------------------

SEEN = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def copy(number: int, host: str, day: int | None, **fields: object) -> Copy:
    url = f"https://{host}/{number}.html"
    date = dt.date(2026, 3, day) if day else None
    values: dict[str, object] = {
        "article_id": number,
        "url": url,
        "keys": frozenset({url}),
        "source_key": None,
        "credits": (),
        "date": date,
        "posted_date": date,
        "posted_at": None,
        "first_seen_at": SEEN + dt.timedelta(minutes=number),
    }
    return Copy(**(values | fields))  # type: ignore[arg-type]


def test_without_credits_the_earliest_date_counts() -> None:
    order, why = order_copies([copy(1, "a.cn", 5), copy(2, "b.cn", 4), copy(3, "c.cn", None)])
    assert order == [2, 1, 3]
    assert why == "it bears the earliest date, 2026-03-04"


def test_of_one_date_the_first_posted_counts_then_the_first_seen() -> None:
    at = dt.datetime(2026, 3, 4, 9, tzinfo=dt.UTC)
    copies = [copy(1, "a.cn", 4, posted_at=at), copy(2, "b.cn", 4, posted_at=at.replace(hour=8))]
    order, why = order_copies(copies)
    assert (order, why) == ([2, 1], "of those dated 2026-03-04 it was posted first")
    order, why = order_copies([copy(2, "b.cn", 4), copy(1, "a.cn", 4)])
    assert (order, why) == ([1, 2], "of those dated 2026-03-04 it was seen first")
    order, why = order_copies([copy(2, "b.cn", None), copy(1, "a.cn", None)])
    assert (order, why) == ([1, 2], "no copy states a date; it was seen first")


@pytest.mark.parametrize(
    "credit", ["人民网", "人民网－时政频道", "光明网-《人民网》", "人民网 官网"]
)
def test_the_credited_outlet_wins_over_an_earlier_date(credit: str) -> None:
    copies = [
        copy(1, "news.example.cn", 3, credits=(credit,)),
        copy(2, "finance.people.com.cn", 4, credits=("人民网",)),
        copy(3, "other.example.cn", 9, credits=("来源不明",)),
    ]
    order, why = order_copies(copies)
    assert order == [2, 1, 3]
    assert why == (
        "credited as the source by 1 of 2 others, although article 1 bears the date 2026-03-03"
    )


def test_a_credited_copy_that_credits_another_is_not_the_earliest() -> None:
    copies = [
        copy(1, "example.cn", 4, credits=("人民网",)),
        copy(2, "politics.people.com.cn", 4, credits=("新华社",)),
        copy(3, "www.news.cn", 5),
    ]
    assert order_copies(copies)[0] == [3, 1, 2]


def test_a_link_to_the_source_is_a_credit() -> None:
    linked = copy(2, "b.cn", 4)
    (key,) = linked.keys
    order, why = order_copies([copy(1, "a.cn", 3, source_key=key), linked])
    assert order == [2, 1]
    assert why.startswith("credited as the source by 1 of 1 others")


def test_copies_that_credit_each_other_go_by_date() -> None:
    copies = [
        copy(1, "www.news.cn", 5, credits=("人民网",)),
        copy(2, "politics.people.com.cn", 4, credits=("新华社",)),
    ]
    assert order_copies(copies) == ([2, 1], "it bears the earliest date, 2026-03-04")


def test_names_of_outlets() -> None:
    assert outlet_names("https://paper.people.com.cn/rmrb/1.html") == {"人民日报"}
    assert outlet_names("http://politics.people.com.cn/n1") == {"人民网"}
    assert outlet_names("https://notpeople.com.cn/") == frozenset()
    assert "国家发展改革委" in outlet_names("https://www.ndrc.gov.cn/x")
    assert "国家发展改革委" in credited_names("国家发展改革委网站")
    assert "新华社" in credited_names("新华社北京电")
    assert "中国网" not in credited_names("中国网信网")
