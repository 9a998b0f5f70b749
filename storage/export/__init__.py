"""Datasets: a query's articles as they were known at a moment, as files that can be cited."""

from storage.export.making import FORMATS, Order, make_dataset
from storage.export.manifest import DatasetFile, Manifest
from storage.export.verifying import verify_dataset

__all__ = ["FORMATS", "DatasetFile", "Manifest", "Order", "make_dataset", "verify_dataset"]
