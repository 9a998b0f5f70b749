"""Reads the policy in an article: documents, agencies, officials, quotes, targets, regions, origin.

Pure functions over an article's blocks; every offset points into ``Article.text``.
"""

from crawler.extract.policy.reading import read_policy

__all__ = ["read_policy"]
