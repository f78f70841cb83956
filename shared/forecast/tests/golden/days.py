"""Makes days.json: what features say of present and coming days, from the recorded bars.

    pip install numpy pandas pyarrow
    python shared/forecast/tests/golden/days.py

Holidays are those of pandas' rules; the season is a convolution along calendar days.
"""
import json, pathlib
import numpy as np, pandas as pd, pyarrow.ipc as ipc
from pandas.tseries import holiday as h

here = pathlib.Path(__file__).parent
DAY = pd.Timedelta(days=1)


class Nyse(h.AbstractHolidayCalendar):
    rules = [
        h.Holiday("New Year", month=1, day=1, observance=h.sunday_to_monday),
        h.USMartinLutherKingJr, h.USPresidentsDay, h.GoodFriday, h.USMemorialDay,
        h.Holiday("Independence", month=7, day=4, observance=h.nearest_workday),
        h.USLaborDay, h.USThanksgivingDay,
        h.Holiday("Christmas", month=12, day=25, observance=h.nearest_workday),
    ]


planned = pd.bdate_range("1998-01-01", "2017-12-31").difference(Nyse().holidays("1998-01-01", "2017-12-31"))
# Federal Reserve, fomc_historical_year.htm: announcements around the origins below.
FOMC = pd.to_datetime(["2012-12-12", "2013-01-30", "2011-06-22", "2011-08-09", "2008-09-16", "2008-10-29"])


def indicators(day, before):
    after = planned[planned > day][0]
    gap = lambda a, b: (b - a) > DAY and not (b - a == 3 * DAY and b.day_of_week == 0)
    return [day.day_of_week == 0, *(day.day_of_week == i for i in (2, 3, 4)), gap(before, day),
            day.day_of_week == 4 and day.day <= 7, day in FOMC,
            (day.month == 12 and day.day >= 24) or (day.month == 1 and day.day == 1), gap(day, after)]


def ewma(x, half_life):
    return pd.Series(x).ewm(halflife=half_life, adjust=True).mean().to_numpy()


def season(bars):
    """Values on any day: a function of days since the first bar, and the usual score by row."""
    o, hi, lo, c = (np.log(bars[k].to_numpy()) for k in ("open", "high", "low", "close"))
    gap = o[1:] - c[:-1]
    v = gap**2 + np.maximum(0.5 * (hi - lo)[1:] ** 2 - (2 * np.log(2) - 1) * (c - o)[1:] ** 2, 0)
    v = np.maximum(v, 0.05 * pd.Series(v).ewm(alpha=0.01, adjust=True).mean().to_numpy() + 1e-10)
    log_volume = np.log(bars.volume.to_numpy()[1:])
    above = lambda x, half_life: np.r_[0, x[1:] - ewma(x, half_life)[:-1]]
    score = np.clip(above(np.log(v), 15), 0, 3) * np.clip(above(log_volume, 20), 0, 1.5)
    days = (bars.date[1:] - bars.date[0]).dt.days.to_numpy()
    axis = np.zeros(days[-1] + 100)
    axis[days] = score
    return np.convolve(axis, np.array([1, 2, 3, 4, 3, 2, 1]) / 8, "same"), ewma(score, 250) * 10 / 7


rows = []
for symbol in ("AAPL", "IBM"):
    table = ipc.open_file(here.parents[3] / f"public/replay/{symbol}.arrow").read_all().to_pandas()
    bars = pd.DataFrame({k: table[k + "_e4"] / 1e4 if k + "_e4" in table else table[k]
                         for k in ("open", "high", "low", "close")})
    bars = bars.mul(table.adj_close / bars.close, axis=0)
    bars["volume"], bars["date"] = table.volume.astype(float), pd.to_datetime(table.date)
    around, usual = season(bars)
    for origin in ("2008-09-15", "2011-06-21", "2012-12-31"):
        at = int(np.flatnonzero(bars.date == origin)[0])

        def season_on(day):
            past = [around[(day - bars.date[0]).days - lag] for lag in (91, 182, 273, 364)]
            relative = np.clip(np.array([past[0], past[3], np.mean(past)]) - usual[at - 1], -1, 3)
            return [*relative, np.sqrt(past[0] * past[3])]

        coming = planned[planned > bars.date[at]][:20]
        values = [indicators(bars.date[at], bars.date[at - 1]) + season_on(bars.date[at])]
        before = [bars.date[at], *coming[:-1]]
        ahead = np.array([indicators(d, b) + season_on(d) for d, b in zip(coming, before)], float)
        values += [ahead[:n].mean(0).tolist() for n in (1, 5, 10, 20)]
        rows.append({"symbol": symbol, "row": at, "values": [[round(float(x), 9) for x in v] for v in values]})
(here / "days.json").write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n")
