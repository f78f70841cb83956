#!/usr/bin/env python3
"""Lists the weekdays on which the NYSE stayed closed, opened late or closed early, by
two independent calendars; `closed` or the hours in New York, `-` where all is usual.

    pip install exchange_calendars==4.13.2 pandas_market_calendars==5.5.0
    python make.py > exceptions.csv
"""

import exchange_calendars
import pandas as pd
import pandas_market_calendars

FIRST, LAST = "1988-01-01", "2030-12-31"


def hours(schedule, opening, closing):
    local = lambda column: schedule[column].dt.tz_convert("America/New_York").dt.strftime("%H:%M")
    return dict(zip(schedule.index.strftime("%Y-%m-%d"), local(opening) + "-" + local(closing)))


calendars = [
    hours(exchange_calendars.get_calendar("XNYS", start=FIRST, end=LAST).schedule, "open", "close"),
    hours(pandas_market_calendars.get_calendar("NYSE").schedule(FIRST, LAST), "market_open", "market_close"),
]
print("date,exchange_calendars,pandas_market_calendars")
for day in pd.bdate_range(FIRST, LAST).strftime("%Y-%m-%d"):
    found = [calendar.get(day, "closed") for calendar in calendars]
    if any(what != "09:30-16:00" for what in found):
        print(day, *("-" if what == "09:30-16:00" else what for what in found), sep=",")
