"""The small language queries are written in, explained in ``storage.query``, which calls this."""

import re

from storage.errors import QueryError
from storage.query_tree import And, Node, Not, Or, make_named, make_word

MAX_WORDS = 100  # of a query: each costs a look into the index
_MAX_DEPTH = 50  # parentheses within parentheses
_FIELD = re.compile(r"([A-Za-z_]+):")


class Parser:
    """One pass over the text; NOT binds closest, then AND (also unwritten), then OR."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._depth, self._words = text, 0, 0, 0

    def parse(self) -> Node:
        """What the whole text asks for; ``QueryError`` when it makes no sense."""
        node = self._either()
        if self._peek():  # nothing but a parenthesis ends an expression early
            raise QueryError(f"')' at character {self._at + 1} closes nothing; quote it: \")\"")
        return node

    def _either(self) -> Node:
        parts = [self._all()]
        while self._take("OR"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self) -> Node:
        parts = [self._one()]
        while True:
            if self._take("AND"):
                parts.append(self._one())
            elif self._peek() in ("", ")") or self._is_next("OR"):
                return parts[0] if len(parts) == 1 else And(tuple(parts))
            else:
                parts.append(self._one())

    def _one(self) -> Node:
        is_wanted = True
        while self._take("NOT"):
            is_wanted = not is_wanted
        node = self._group_or_word()
        return node if is_wanted else Not(node)

    def _group_or_word(self) -> Node:
        next_ = self._peek()
        for operator in ("AND", "OR"):
            if self._is_next(operator):
                raise QueryError(
                    f'{operator} needs words on both sides; quote it to search for it: "{operator}"'
                )
        if next_ in ("", ")"):
            raise QueryError(
                "a word is missing at the end of the query"
                if not next_
                else f"a word is missing before ')' at character {self._at + 1}"
            )
        if next_ != "(":
            return self._word()
        opened = self._at + 1
        self._at += 1
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise QueryError(f"parentheses nested deeper than {_MAX_DEPTH}")
        node = self._either()
        if self._peek() != ")":
            raise QueryError(f"'(' at character {opened} is never closed; quote it: \"(\"")
        self._at += 1
        self._depth -= 1
        return node

    def _word(self) -> Node:
        self._words += 1
        if self._words > MAX_WORDS:
            raise QueryError(f"more than {MAX_WORDS} words in one query; split it")
        if self._text[self._at] == '"':
            return make_word(self._quoted())
        if match := _FIELD.match(self._text, self._at):
            self._at = match.end()
            name = match[1].lower()
            if self._text[self._at : self._at + 1] == '"':
                return make_named(name, self._quoted())
            return make_named(name, self._bare())
        return make_word(self._bare())

    def _quoted(self) -> str:
        r"""A quoted text; ``\"`` and ``\\`` stand for a quote and a backslash."""
        opened = self._at + 1
        found: list[str] = []
        self._at += 1
        while self._at < len(self._text):
            character = self._text[self._at]
            self._at += 1
            if character == '"':
                return "".join(found)
            if character == "\\" and self._text[self._at : self._at + 1] in ('"', "\\"):
                character = self._text[self._at]
                self._at += 1
            found.append(character)
        raise QueryError(
            f'the quote at character {opened} is never closed; for a quote write "\\""'
        )

    def _bare(self) -> str:
        """Characters up to white space, a quote or a parenthesis that was not opened in them."""
        start, opened = self._at, 0
        while self._at < len(self._text):
            character = self._text[self._at]
            if character.isspace() or character == '"':
                break
            if character == "(":
                opened += 1
            elif character == ")":
                if not opened:
                    break
                opened -= 1
            self._at += 1
        return self._text[start : self._at]

    def _peek(self) -> str:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        return self._text[self._at : self._at + 1]

    def _is_next(self, operator: str) -> bool:
        self._peek()
        end = self._at + len(operator)
        following = self._text[end : end + 1]
        return self._text[self._at : end] == operator and (
            not following or following.isspace() or following in '()"'
        )

    def _take(self, operator: str) -> bool:
        if not self._is_next(operator):
            return False
        self._at += len(operator)
        return True
