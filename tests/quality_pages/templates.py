"""Articles on the sample portals' own templates, as their server would send them.

Called by ``quality_pages``.
"""

from tests.quality_pages.page import QualityPage, listed, make_page
from tests.site.families import Family, GovFamily, JuheFamily, PaperFamily
from tests.site.families.family import PageRequest, cut
from tests.site.families.teasers import teasers
from tests.site.record import SampleArticle

FAMILIES: tuple[Family, ...] = (GovFamily(), PaperFamily(), JuheFamily())
PAGES = 15  # of each template


def template_pages(articles: list[SampleArticle]) -> list[QualityPage]:
    """Every template of the sample portals with articles of its host in turn."""
    pages: list[QualityPage] = []
    for family in FAMILIES:
        own = [article for article in articles if family.host in article.url]
        for number, article in enumerate(own[: PAGES * len(family.templates)]):
            template = family.templates[number % len(family.templates)]
            others = listed(own, number)
            wanted = PageRequest(
                article=article,
                page=1,
                path=article.url.partition(family.host)[2],
                template=template,
                related=others,
                visit=number,
            )
            shown = [cut(text, 15) for text in (t.title for t in teasers(number))]
            blurbs = [cut(teaser.blurb, 50) for teaser in teasers(number)]
            noise = [*family.absent_for(article), *(item.title for item in others)]
            noise += [*shown, *blurbs] if family.portal == "samples_juhe" else []
            pages.append(
                make_page(
                    f"{family.portal} {template} {number}",
                    article,
                    family.article_html(wanted).encode(family.encoding),
                    noise=noise,
                    charset=family.declared,
                )
            )
    return pages
