"""Verify an archive, every byte and every row of it, and mend what can be mended."""

from storage.check.checking import check
from storage.check.finding import Finding, Report
from storage.check.repair import repair

__all__ = ["Finding", "Report", "check", "repair"]
