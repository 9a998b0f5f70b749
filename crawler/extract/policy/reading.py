"""read_policy: everything an article says of the policy world, as one record.

Called by ``crawler.extract``; pure, and linear in the length of the text.
"""

from collections.abc import Sequence
from dataclasses import replace

from crawler.extract.policy.agencies import find_acts
from crawler.extract.policy.documents import (
    find_citations,
    find_short_agencies,
    with_full_titles,
    with_numbers,
)
from crawler.extract.policy.interprets import find_interpreted
from crawler.extract.policy.numbers import find_numbers
from crawler.extract.policy.officials import find_officials
from crawler.extract.policy.origin import find_hops
from crawler.extract.policy.regions import find_regions
from crawler.extract.policy.statements import find_statements
from crawler.extract.policy.targets import find_targets
from crawler.extract.policy.view import read_parts
from storage import Article
from storage.entities import Citation, IssuingAct, PolicyEntities

_VERB_REACH = 14  # characters from the verb of issuing to the title


def read_policy(article: Article) -> PolicyEntities:
    """The policy entities of an article's headline and blocks."""
    parts, text = read_parts(article), article.text
    short_agencies = find_short_agencies(parts)
    known = {short.name: short.stands_for for short in short_agencies}
    citations, short_documents = find_citations(parts, text)
    titles = [(citation.start, citation.end) for citation in citations if citation.kind != "alias"]
    numbers = find_numbers(parts, titles)
    citations = with_numbers(citations, numbers, parts)
    acts = find_acts(parts, citations, text, known)
    citations = with_full_titles(_with_acts(citations, acts))
    officials = find_officials(parts, titles, known)
    published = article.published_date
    hops = find_hops(parts, published)
    heads = [(hop.start, hop.end) for hop in hops if hop.relation == "电头"]
    short_names = sorted((*short_agencies, *short_documents), key=lambda short: short.start)
    return PolicyEntities(
        citations=citations,
        interprets=find_interpreted(article, parts, citations, acts, short_documents),
        numbers=numbers,
        short_names=tuple(short_names),
        acts=acts,
        officials=officials,
        statements=find_statements(parts, officials, known, text),
        targets=find_targets(parts, text, published.year if published else None),
        regions=find_regions(parts, [*titles, *heads]),
        hops=hops,
    )


def _with_acts(citations: Sequence[Citation], acts: Sequence[IssuingAct]) -> tuple[Citation, ...]:
    """Each document with the act whose verb stands before it, or before a list it is part of."""
    found: list[Citation] = []
    following, current, end = 0, None, -1
    for citation in citations:
        while following < len(acts) and acts[following].end <= citation.start:
            following += 1
        last = acts[following - 1] if following else None
        if last and last.block == citation.block and citation.start - last.end <= _VERB_REACH:
            current = following - 1
        elif not 0 <= citation.start - end <= 1:  # 《甲》和《乙》, 《甲》《乙》
            current = None
        end = citation.end
        is_named = citation.kind == "document" and citation.key is not None
        found.append(replace(citation, act=current if is_named else None))
    return tuple(found)
