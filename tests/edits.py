"""Articles of made-up policy sentences, and edits of them whose outcome is known beforehand.

Called by the tests of ``storage.diff``. Sentences are put together from parts written here, so that
neighbouring paragraphs share words as real ones do. Every edit notes what a comparison must say:
kind, ordinals before, ordinals after, moved or not, edited or not.
"""

import random
from dataclasses import dataclass

from storage import Article, Block, place_blocks

Truth = tuple[str, tuple[int, ...], tuple[int, ...], bool, bool]

_WHO = (
    "省数据局", "市发展改革委", "有关部门", "各县区", "行业协会", "龙头企业", "基层单位",
    "牵头单位", "财政部门", "专家组", "示范园区", "高校院所",
)  # fmt: skip
_HOW = (
    "按季度", "会同各方", "分批次", "因地制宜", "依法依规", "加快", "稳妥", "统筹", "率先",
    "逐级", "全程",
)  # fmt: skip
_DOES = (
    "建立台账", "公布清单", "开展试点", "核对底数", "完善规则", "组织培训", "兑现奖补",
    "压实责任", "打通接口", "清理积案", "评估成效", "简化材料", "延伸服务", "公开进度",
)  # fmt: skip
_WHAT = (
    "公共数据目录", "养老服务设施", "老旧小区改造", "低空物流航线", "绿色制造清单", "普惠托育机构",
    "城市停车设施", "乡村寄递网点", "节水灌溉工程", "社区食堂", "首台套装备", "零碳园区",
    "充电桩布局", "校园安全", "药品追溯", "中小企业融资", "人才公寓", "跨境电商",
)  # fmt: skip
_TAIL = (
    "惠及{n}万户家庭", "覆盖{n}个乡镇", "涉及资金{n}亿元", "办理时限压缩{n}%", "新增岗位{n}个",
    "建成点位{n}处", "受理申请{n}件", "引进项目{n}个",
)  # fmt: skip
_HEADS = "一二三四五六七八"


@dataclass(slots=True)
class _Piece:
    """A block on its way: its sentences, where it was, and what was done to it."""

    kind: str
    sentences: list[str]
    was: tuple[int, ...]
    done: str = "same"
    is_moved: bool = False
    is_edited: bool = False

    @property
    def text(self) -> str:
        return "".join(self.sentences)


class Edits:
    """One article, and edits of it; the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        blocks = []
        for head in _HEADS[: self._rng.randint(3, 5)]:
            heading = f"{head}、{self._rng.choice(_DOES)}，{self._rng.choice(_WHAT)}先行"
            blocks.append(_Piece("heading", [heading], (len(blocks),)))
            for _ in range(self._rng.randint(3, 5)):
                sentences = [self._sentence() for _ in range(self._rng.randint(2, 4))]
                blocks.append(_Piece("paragraph", sentences, (len(blocks),)))
        self.before = _article(blocks)
        self._pieces = blocks
        self._marks: list[list[_Piece]] = []  # the runs of pieces that edits made

    def make(self, *names: str) -> tuple[Article, set[Truth]]:
        """The article after these edits, each of other blocks, and what must be said of them."""
        for name in names:
            getattr(self, f"_{name}")(self._choose(name))
        return _article(self._pieces), set(self._truth())

    def _truth(self) -> list[Truth]:
        truth, at = [], {id(piece): number for number, piece in enumerate(self._pieces)}
        for piece in self._pieces:
            if piece.done in ("added", "changed", "moved", "merged"):
                after = (at[id(piece)],)
                truth.append((piece.done, piece.was, after, piece.is_moved, piece.is_edited))
        for run in self._marks:
            if run[0].done == "split":
                truth.append(("split", run[0].was, tuple(at[id(p)] for p in run), False, False))
            else:
                truth.append(("removed", run[0].was, (), False, False))
        return truth

    def _choose(self, name: str) -> int:
        """A block apart from all that were edited; ``IndexError`` if there is none."""
        places = range(1, len(self._pieces) - 2)
        return self._rng.choice([at for at in places if self._is_fit(name, at)])

    def _is_fit(self, name: str, at: int) -> bool:
        near = self._pieces[at - 1 : at + (3 if name == "merge" else 2)]
        if any(piece.done != "same" for piece in near):
            return False
        if name == "move_and_edit" and len(near[1].text) < 80:  # most of it must stay
            return False
        if name in ("delete", "insert"):
            return True
        wanted = "heading" if name == "edit_heading" else "paragraph"
        return all(piece.kind == wanted for piece in (near[1:3] if name == "merge" else near[1:2]))

    def _edit(self, at: int) -> None:
        """Put another sentence in the place of one."""
        piece = self._pieces[at]
        piece.sentences[self._rng.randrange(len(piece.sentences))] = self._sentence()
        piece.done, piece.is_edited = "changed", True

    def _edit_heading(self, at: int) -> None:
        piece = self._pieces[at]
        piece.sentences = [piece.text.replace("先行", "跟进")]
        piece.done, piece.is_edited = "changed", True

    def _insert(self, at: int) -> None:
        new = _Piece("paragraph", [self._sentence() for _ in range(3)], (), "added")
        self._pieces.insert(at, new)

    def _delete(self, at: int) -> None:
        piece = self._pieces.pop(at)
        piece.done = "removed"
        self._marks.append([piece])

    def _move(self, at: int) -> None:
        piece = self._pieces.pop(at)
        far = [k for k in range(1, len(self._pieces)) if abs(k - at) > 4]
        still = [k for k in far if self._pieces[k].done == self._pieces[k - 1].done == "same"]
        self._pieces.insert(self._rng.choice(still), piece)
        piece.done, piece.is_moved = "moved", True

    def _move_and_edit(self, at: int) -> None:
        piece = self._pieces[at]
        piece.sentences[-1] = self._sentence()
        self._move(at)
        piece.is_edited = True

    def _split(self, at: int) -> None:
        piece = self._pieces.pop(at)
        cut = self._rng.randrange(1, len(piece.sentences))
        parts = [piece.sentences[:cut], piece.sentences[cut:]]
        run = [_Piece("paragraph", part, piece.was, "split") for part in parts]
        self._pieces[at:at] = run
        self._marks.append(run)

    def _merge(self, at: int) -> None:
        first, second = self._pieces[at : at + 2]
        merged = first.sentences + second.sentences
        was = first.was + second.was
        self._pieces[at : at + 2] = [_Piece("paragraph", merged, was, "merged")]

    def _sentence(self) -> str:
        rng = self._rng
        parts = [
            f"{rng.choice(_WHO)}{rng.choice(_HOW)}{rng.choice(_DOES)}",
            f"{rng.choice(_WHAT)}{rng.choice(_HOW)}{rng.choice(_DOES)}",
            rng.choice(_TAIL).format(n=rng.randint(2, 9999)),
        ]
        return "，".join(parts) + "。"


NAMES = ("edit", "edit_heading", "insert", "delete", "move", "move_and_edit", "split", "merge")


def _article(pieces: list[_Piece]) -> Article:
    blocks = [Block(kind=piece.kind, text=piece.text) for piece in pieces]  # type: ignore[arg-type]
    return Article(url="http://news.example.cn/1.html", reader="1+a", blocks=place_blocks(blocks))
