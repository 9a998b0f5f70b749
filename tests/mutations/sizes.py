"""Pages of any size in the shapes that cost most memory for their bytes.

Called by the tests and by ``python -m tests.mutations``.
"""

from collections.abc import Callable

_SENTENCE = "近日，样例部门印发通知，要求各地认真研究，抓好落实，方便群众和企业办事。"
_HEAD = '<html><head><meta charset="utf-8"><title>样例部门印发通知</title></head><body>'
_START = f"<h1>样例部门印发通知</h1><p>2024-05-13 10:20 来源：样例日报</p><p>{_SENTENCE}</p>"


def _repeat(piece: str, before: str = "", after: str = "") -> Callable[[int], str]:
    """Shapes that repeat ``piece``, a ``#`` in it being its number."""

    def compose(size: int) -> str:
        count = size // (len(piece.encode()) + piece.count("#") * len(str(size)) // 2)
        if "#" not in piece:
            return before + piece * count + after
        return before + "".join(piece.replace("#", str(n)) for n in range(count)) + after

    return compose


SHAPES: dict[str, Callable[[int], str]] = {
    "paragraphs": _repeat(f"<p>第#条　{_SENTENCE * 3}</p>\n"),
    "short_paragraphs": _repeat("<p>样例#。</p>"),
    "one_paragraph": _repeat(_SENTENCE, "<p>", "</p>"),
    "line_breaks": _repeat(f"　　第#条　{_SENTENCE}<br>\n"),
    "bare_breaks": _repeat("<br>"),
    "links": _repeat('<li><a href="/2024/t20240506_#.html">样例市公布第#批便民事项</a></li>'),
    "short_links": _repeat("<a href=x>样</a>"),
    "table": _repeat(
        "<tr><td>样例#市</td><td>12.5</td><td>同比增长</td></tr>", "<table>", "</table>"
    ),
    "layout_tables": _repeat(f"<table><tr><td>第#条　{_SENTENCE}</td></tr></table>"),
    "inline": _repeat("<b>样</b><i>例</i>", "<p>", "</p>"),
    "divisions": _repeat("<div></div>"),
    "images": _repeat('<p><img src="/img/#.jpg" alt="样例" width="900"></p>'),
    "inline_image": _repeat("iVBORw0KGgo", '<p><img src="data:image/png;base64,', '"></p>'),
    "script": _repeat("var a = '<p>样例</p>'; ", "<script>", "</script>"),
    "comment": _repeat("<p>样例</p> ", "<!--", "-->"),
    "attribute": _repeat("a-b ", '<div class="', '">'),
    "attributes": _repeat(
        '<div class="a b c" id="d" style="color:red" data-x="1" title="e"></div>'
    ),
    "entities": _repeat("&#26679;&#20363;", "<p>", "</p>"),
    "stacks": _repeat("<div>" * 1500 + "样例" + "</div>" * 1500),
    "unclosed": _repeat("<p>样例<span>", "<div>"),
    "copies": _repeat(f"</body></html>{_HEAD}{_START}"),
    "nothing": _repeat("&nbsp; \n", "<p>", "</p>"),
}


def compose_shape(name: str, size: int) -> bytes:
    """A page of about ``size`` bytes with a short article at its start."""
    return f"{_HEAD}<div>{_START}{SHAPES[name](size)}</div></body></html>".encode()
