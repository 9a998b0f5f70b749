"""Two texts compared: the edited blocks and no others, moves as moves, characters inside them."""

import datetime as dt
import random
from dataclasses import replace

import pytest

from storage import (
    SHANGHAI,
    Archive,
    Article,
    Attachment,
    Block,
    Difference,
    VersionNotFound,
    compare,
    place_blocks,
)
from storage.runs import Run, text_runs
from tests.edits import NAMES, Edits, Truth
from tests.records import BODY, URL, article, capture

FIRST, SECOND, THIRD = BODY


def said(found: Difference) -> set[Truth]:
    """What a comparison says of the changed blocks, as the edits note it."""
    return {
        (
            change.kind,
            tuple(place.ordinal for place in change.before),
            tuple(place.ordinal for place in change.after),
            change.is_moved,
            change.is_edited,
        )
        for change in found.changes
    }


def show(runs: tuple[Run, ...]) -> str:
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(marks[run.kind].format(run.text) for run in runs)


def check_runs(found: Difference) -> None:
    """Runs give both texts back, and offsets point at them."""
    for change in found.blocks:
        before = "\n".join(place.text for place in change.before)
        after = "\n".join(place.text for place in change.after)
        if change.runs:
            assert "".join(run.text for run in change.runs if run.kind != "added") == before
            assert "".join(run.text for run in change.runs if run.kind != "removed") == after
        else:
            assert not change.is_edited


@pytest.mark.parametrize("block", range(4))
def test_200_edits_are_named_exactly(block: int) -> None:
    counted = dict.fromkeys(NAMES, 0)
    for seed in range(50 * block, 50 * block + 50):
        rng = random.Random(f"which {seed}")
        names = [NAMES[seed % len(NAMES)], *rng.sample(NAMES, rng.choice((0, 0, 1, 2)))]
        edits = Edits(seed)
        after, truth = edits.make(*names)
        found = compare(edits.before, after)
        assert said(found) == truth, (seed, names)
        assert len(truth) == len(names)
        check_runs(found)
        for change in found.blocks:
            for place in change.before:
                assert edits.before.text[place.start : place.end] == place.text
            for place in change.after:
                assert after.text[place.start : place.end] == place.text
        for name in names:
            counted[name] += 1
    assert min(counted.values()) >= 5  # every kind of edit has been tried


def test_what_went_and_came_stands_in_its_place() -> None:
    old, new = article(FIRST, SECOND, THIRD), article(THIRD, "另行公布实施细则和配套文件。", FIRST)
    kinds = [(c.kind, c.is_moved) for c in compare(old, new).blocks]
    assert kinds == [
        ("same", False),
        ("moved", True),
        ("added", False),
        ("same", False),
        ("removed", False),
    ]
    assert compare(old, old).is_same
    spaced = article(FIRST.replace("，", "，\u3000"), SECOND, THIRD)
    assert compare(old, spaced).is_same  # white space is no change, as in the digest


def test_a_block_of_another_kind_is_a_change_without_an_edit() -> None:
    old = article()
    blocks = [
        replace(block, kind="heading") if block.text == FIRST else block for block in old.blocks
    ]
    (change,) = compare(old, replace(old, blocks=tuple(blocks))).changes
    assert (change.kind, change.is_edited, change.runs) == ("changed", False, ())
    assert [place.kind for place in (*change.before, *change.after)] == ["paragraph", "heading"]


def test_captions_have_no_part_but_are_counted() -> None:
    blocks = (Block(kind="caption", text="图一"), Block(kind="paragraph", text=FIRST))
    old = Article(url=URL, reader="1+a", blocks=place_blocks(blocks))
    new = replace(old, blocks=place_blocks([Block(kind="caption", text="图二"), *blocks[1:]]))
    assert compare(old, new).is_same
    ((place,),) = [change.after for change in compare(old, new).blocks]
    assert (place.ordinal, place.start, place.end) == (1, 0, len(FIRST))


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("措施共五个方面。", "措施共六个方面。", "措施共[-五-]{+六+}个方面。"),
        ("推广AI+制造", "推广IT+制造", "推广[-AI-]{+IT+}+制造"),
        ("投入3.25亿元", "投入3.75亿元", "投入[-3.25-]{+3.75+}亿元"),
        ("压缩95%以上", "压缩85%以上", "压缩[-95%-]{+85%+}以上"),
        ("依据《甲条例》", "依据《甲办法》", "依据[-《甲条例》-]{+《甲办法》+}"),
        ("《关于落实《规划》的意见》", "《关于落实《纲要》的意见》",
         "[-《关于落实《规划》的意见》-]{+《关于落实《纲要》的意见》+}"),
        ("甲说。乙说。", "甲说。丙说。乙说。", "甲说。{+丙说。+}乙说。"),
        ("一是放权，二是减税。", "一是放权。", "一是放权[-，二是减税-]。"),
        ("要尽快地完成", "须稳妥地推进", "[-要尽快地完成-]{+须稳妥地推进+}"),
        ("", "新增", "{+新增+}"),
        ("未闭合《的书名", "未闭合《的篇名", "未闭合《的[-书-]{+篇+}名"),
    ],
)  # fmt: skip
def test_runs_follow_words_numbers_titles_and_sentences(
    before: str, after: str, shown: str
) -> None:
    assert show(text_runs(before, after)) == shown


def test_fields_that_changed_are_named() -> None:
    old = replace(article(), attachments=(Attachment(url="http://e.cn/1.pdf", name="附件"),))
    new = replace(
        old,
        title="数据要素如何流通（政策解读）",
        source="示例晚报",
        authors=("王芳", "赵强"),
        posted_at=dt.datetime(2026, 3, 2, 9, 30, tzinfo=SHANGHAI),
        attachments=(),
    )
    found = compare(old, new)
    assert found.changes == ()
    fields = {field.field: (field.before, field.after) for field in found.fields}
    assert fields == {
        "title": (("数据要素怎样流通（政策解读）",), ("数据要素如何流通（政策解读）",)),
        "source": (("示例日报",), ("示例晚报",)),
        "posted_at": (("2026-03-01 09:30",), ("2026-03-02 09:30",)),
        "authors": (("王芳",), ("王芳", "赵强")),
        "attachments": (("附件 http://e.cn/1.pdf",), ()),
    }
    assert show(found.fields[0].runs) == "数据要素[-怎样-]{+如何+}流通（政策解读）"


def test_two_articles_and_bare_versions_are_compared(archive: Archive) -> None:
    archive.add([capture()], article())
    with pytest.raises(VersionNotFound, match="none to compare"):
        archive.diff(URL)
    archive.add([capture(b"2", minute=1)], article(FIRST, THIRD))
    archive.add([capture(b"3", minute=2)], article(FIRST, SECOND))
    assert [c.kind for c in archive.diff(URL).changes] == ["removed", "added"]
    assert [c.before[0].text for c in archive.diff(URL, 1).changes] == [THIRD]
    found = archive.diff(URL, 1, 2)
    assert [(c.kind, c.before[0].text) for c in found.changes] == [("removed", SECOND)]
    assert (found.before.version, found.after.version) == (1, 2)
    assert found.after.digest == archive.version(URL, 2).digest
    assert said(archive.diff(URL, 2, 1)) == {("added", (), (2,), False, False)}
    with pytest.raises(VersionNotFound, match="no version 4"):
        archive.diff(URL, 4)
    other = replace(article("编者按。", FIRST, SECOND), url="http://other.example.cn/9.html")
    mixed = compare(archive.version(URL, 1), other)
    assert said(mixed) == {("added", (), (1,), False, False), ("removed", (3,), (), False, False)}
    assert (mixed.after.version, mixed.after.url) == (None, other.url)
