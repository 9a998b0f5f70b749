"""A quiet-hours alarm whose clock stands two seconds before the hours begin."""

import datetime as dt

from crawler.extensions.quiet_hours import QuietHoursExtension
from storage import SHANGHAI


class NearlyQuiet(QuietHoursExtension):
    """Whatever the time, it is two seconds before the first span of quiet hours."""

    def now(self) -> dt.datetime:
        begin, _ = self._hours.spans[0]
        midnight = dt.datetime(2026, 3, 2, tzinfo=SHANGHAI)
        return midnight + begin - dt.timedelta(seconds=2)
