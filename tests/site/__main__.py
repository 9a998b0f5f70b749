"""``python -m tests.site``: serves the sample portals and says how to crawl them."""

import argparse
import json
import threading

from tests.site.newsroom import FAMILIES
from tests.site.server import SampleSite


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.site", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: any free)")
    parser.add_argument("--articles", type=int, default=60, help="articles on all portals together")
    options = parser.parse_args()
    with SampleSite(articles=options.articles, port=options.port) as site:
        print(_instructions(site), flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("stopped")


def _instructions(site: SampleSite) -> str:
    lines = [f"The sample portals are served on 127.0.0.1:{site.port}; interrupt to stop.", ""]
    for family in FAMILIES:
        listings = site.listings(family.host)
        count = len(site.articles(family.host))
        lines.append(f"  {family.portal:15}{listings[0]}  {len(listings)} pages, {count} articles")
    first = FAMILIES[0]
    path = first.listing_path(1)
    return "\n".join(
        [
            *lines,
            "",
            "Look at a page:",
            f"  curl -H 'Host: {first.host}' http://127.0.0.1:{site.port}{path}",
            "Crawl, in another terminal:",
            "  export SCRAPY_PROJECT=samples",
            f"  export JIEDU_HOST_MAP='{json.dumps(site.host_map)}'",
            f"  scrapy crawl {first.portal}",
        ]
    )


if __name__ == "__main__":
    main()
