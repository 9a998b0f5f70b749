"""What can go wrong when an article is read: one error, whose text says what, where, what to do.

Raised everywhere in ``crawler.extract``; caught by the pipeline, which keeps the capture.
"""


class ExtractionError(Exception):
    """A body that cannot be read as an article."""
