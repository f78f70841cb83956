#!/usr/bin/env python3
"""Lists the weekdays on which the NYSE stayed closed or closed early.

    pip install pandas_market_calendars
    python make.py > exceptions.csv
"""

import pandas as pd
import pandas_market_calendars as mcal

FIRST, LAST = "1998-01-01", "2030-12-31"
schedule = mcal.get_calendar("NYSE").schedule(FIRST, LAST)
close = schedule["market_close"].dt.tz_convert("America/New_York")
open_ = schedule["market_open"].dt.tz_convert("America/New_York")
early = {day.date(): t.strftime("%H:%M") for day, t in close.items() if t.strftime("%H:%M") != "16:00"}
late = {day.date(): t.strftime("%H:%M") for day, t in open_.items() if t.strftime("%H:%M") != "09:30"}
print("date,close")
for day in pd.bdate_range(FIRST, LAST):
    if day not in schedule.index:
        print(f"{day.date()},closed")
    elif day.date() in early:
        print(f"{day.date()},{early[day.date()]}")
import sys
print("late openings:", late, file=sys.stderr)
