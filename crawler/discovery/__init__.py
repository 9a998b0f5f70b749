"""Find the articles a listing links to; one kind of listing a file."""

from crawler.discovery.kinds import first_requests, read_page
from crawler.discovery.listing_page import ListingPage, PageRequest
from crawler.discovery.walk import MAX_PAGES, Walk

__all__ = ["MAX_PAGES", "ListingPage", "PageRequest", "Walk", "first_requests", "read_page"]
