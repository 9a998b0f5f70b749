"""The sample portals: a local web server with policy interpretations of our own writing.

Used by the tests and by the README's first crawl (``make crawl``). Every person, medium, document
and figure on its pages is invented. ``server`` has the site, ``hostmap`` the download handler.
"""
