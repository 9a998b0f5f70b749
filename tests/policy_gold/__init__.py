"""Passages written for this project in the style of official Chinese, annotated by hand.

Two halves in ``dev.toml`` and ``acceptance.toml``, committed before the rules they judge; no rule
is tuned on the second. Each paragraph of ``text`` is a line. Everything a reader should find stands
in the annotation, and nothing else should be found:

- ``titles``: ``kind|title|document type``; an alias names its document as ``#n``, the n-th title
  of kind document in the passage
- ``numbers``: canonical document numbers, orders and announcements
- ``acts``: ``verb|issuers|等N``; issuers separated by 、, each ``as written[=canonical name]``
- ``officials``: ``name|organisation|post+post``
- ``statements``: ``direct|speaker|words`` or ``reported|speaker|words``
- ``targets``: ``horizon|goals``; ``quantities``: as written, those of targets only
- ``regions``: ``as written=code``; ``?`` where nothing says which of several it is
- ``wire``: ``agency|place|month-day or date|reporters``; ``chain``: ``relation|outlet``
- ``byline``, ``origin``: a line and what it says; ``interprets``; ``type`` of interpretation
"""

from tests.policy_gold.passages import HALVES, Passage, read_half

__all__ = ["HALVES", "Passage", "read_half"]
