#!/usr/bin/env python3
"""Golden outputs on recorded bars (MSFT of public/replay, unadjusted): by TA-Lib
where it has the indicator, else by NumPy and pandas from the definition.

Where comparisons of derived prices decide, TA-Lib is fed with prices in whole
ten-thousandths: their sums are exact, and so are ties.

    pip install TA-Lib==0.8.2 pyarrow numpy pandas
    python make.py ../../../../public/replay/MSFT.arrow > msft.csv
"""

import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import talib

ROWS = 300
YEAR = 252
table = pa.ipc.open_file(sys.argv[1]).read_all().slice(0, ROWS)
open_, high, low, close = (table[f"{name}_e4"].to_numpy() / 1e4 for name in ("open", "high", "low", "close"))
volume = table["volume"].to_numpy().astype(float)
days = table["date"].cast(pa.int32()).to_numpy()
o, h, l, c, v = (pd.Series(x) for x in (open_, high, low, close, volume))
typical = (h + l + c) / 3
exact_high, exact_low, exact_close = (table[f"{name}_e4"].to_numpy().astype(float) for name in ("high", "low", "close"))


def oscillator(line):
    """TA-Lib has the line; its signal is the average of it, from its first value on."""
    signal = talib.EMA(line, 9)
    return np.where(np.isnan(signal), np.nan, line), signal, line - signal


def ichimoku(conversion, base, span):
    middle = lambda n: (h.rolling(n).max() + l.rolling(n).min()) / 2
    a, b = ((middle(conversion) + middle(base)) / 2).shift(base), middle(span).shift(base)
    alone = b.isna()
    return [x.mask(alone) for x in (middle(conversion), middle(base), a, b)]


def channel(n, width):
    fits = [np.polyfit(np.arange(n), close[i - n + 1 : i + 1], 1) for i in range(n - 1, ROWS)]
    end, slope = talib.LINEARREG(close, n), talib.LINEARREG_SLOPE(close, n)
    residual = [np.std(close[i - n + 1 : i + 1] - np.polyval(fit, np.arange(n))) for i, fit in zip(range(n - 1, ROWS), fits)]
    distance = width * np.concatenate([np.full(n - 1, np.nan), residual])
    return end + distance, end, end - distance, slope


def profile(n, bins):
    out = np.full((3, ROWS), np.nan)
    for i in range(n - 1, ROWS):
        lows, highs, volumes = (x[i - n + 1 : i + 1] for x in (low, high, volume))
        edges = np.linspace(lows.min(), highs.max(), bins + 1)
        share = np.clip(np.minimum(highs[:, None], edges[1:]) - np.maximum(lows[:, None], edges[:-1]), 0, None)
        filled = (share / share.sum(axis=1, keepdims=True) * volumes[:, None]).sum(axis=0)
        poc = int(filled.argmax())
        first = last = poc
        while filled[first : last + 1].sum() < 0.7 * filled.sum():
            below = filled[first - 1] if first > 0 else -1
            above = filled[last + 1] if last + 1 < bins else -1
            first, last = (first - 1, last) if below > above else (first, last + 1)
        out[:, i] = (edges[poc] + edges[poc + 1]) / 2, edges[last + 1], edges[first]
    return out


def yang_zhang(n):
    overnight, day = np.log(o / c.shift()), np.log(c / o)
    range_ = np.log(h / c) * np.log(h / o) + np.log(l / c) * np.log(l / o)
    k = 0.34 / (1.34 + (n + 1) / (n - 1))
    variance = overnight.rolling(n).var() + k * day.rolling(n).var() + (1 - k) * range_.rolling(n).mean()
    return np.sqrt(variance * YEAR)


def pivots(kind):
    pivot, close_, range_ = typical.shift(), c.shift(), (h - l).shift()
    if kind == "classic":
        high_, low_ = h.shift(), l.shift()
        up = [2 * pivot - low_, pivot + range_, high_ + 2 * (pivot - low_)]
        down = [2 * pivot - high_, pivot - range_, low_ - 2 * (high_ - pivot)]
    else:
        middle, shares = (pivot, [0.382, 0.618, 1]) if kind == "fibonacci" else (close_, [1.1 / 12, 1.1 / 6, 1.1 / 4])
        up, down = ([middle + sign * share * range_ for share in shares] for sign in (1, -1))
    return [pivot, *up, *down]


log_return = np.log(c).diff()
simple_return = c.pct_change()
gk = 0.5 * np.log(h / l) ** 2 - (2 * np.log(2) - 1) * np.log(c / o) ** 2
rs = np.log(h / c) * np.log(h / o) + np.log(l / c) * np.log(l / o)
annual = lambda variance: np.sqrt(variance * YEAR)
ewma = (log_return**2).ewm(alpha=0.06, adjust=False).mean()
drawdown = 100 * (c / c.cummax() - 1)
excess = simple_return - 0.05 / YEAR
downside = np.sqrt((excess.clip(upper=0) ** 2).rolling(60).mean())
upper, middle, lower = talib.BBANDS(close, 20, 2, 2, 0)
line, direction = talib.SUPERTREND(high, low, close, 10, 3)
middle_keltner, atr = talib.EMA(close, 20), talib.ATR(high, low, close, 10)

columns = {
    "sma(20)": [talib.SMA(close, 20)],
    "ema(50)": [talib.EMA(close, 50)],
    "wma(20)": [talib.WMA(close, 20)],
    "dema(20)": [talib.DEMA(close, 20)],
    "tema(20)": [talib.TEMA(close, 20)],
    "hma(20)": [talib.HMA(close, 20)],
    "kama(10,2,30)": [talib.KAMA(close, 10)],
    "vwma(20)": [talib.VWMA(close, volume, 20)],
    "zlema(20)": [talib.ZLEMA(close, 20)],
    "vortex(14)": talib.VORTEX(high, low, close, 14),
    "tsi(25,13)": [talib.TSI(close, 25, 13)],
    "coppock(10,11,14)": [talib.COPPOCK(close, 10, 11, 14)],
    "rvi(14,10)": [talib.RVI(close, 14, 10)],
    "ppo(12,26,9)": oscillator(talib.PPO(close, 12, 26, 1)),
    "pvo(12,26,9)": oscillator(talib.PVO(volume, 12, 26, 1)),
    "macd(12,26,9)": talib.MACD(close, 12, 26, 9),
    "adx(14)": [talib.ADX(exact_high, exact_low, exact_close, 14)],
    "dmi(14)": [f(exact_high, exact_low, exact_close, 14) for f in (talib.PLUS_DI, talib.MINUS_DI)],
    "aroon(14)": talib.AROON(high, low, 14)[::-1],
    "sar(0.02,0.2)": [talib.SAR(exact_high, exact_low, 0.02, 0.2) / 1e4],
    "supertrend(10,3)": [line, np.where(np.isnan(line), np.nan, direction)],
    "ichimoku(9,26,52)": ichimoku(9, 26, 52),
    "linreg(50,2)": channel(50, 2),
    "rsi(14)": [talib.RSI(close, 14)],
    "stochastic(14,3,3)": talib.STOCH(high, low, close, 14, 3, 0, 3, 0),
    "stochrsi(14,14,3)": talib.STOCHRSI(close, 14, 14, 3, 0),
    "cci(20)": [talib.CCI(high, low, close, 20)],
    "williams(14)": [talib.WILLR(high, low, close, 14)],
    "roc(10)": [talib.ROC(close, 10)],
    "momentum(10)": [talib.MOM(close, 10)],
    "trix(15)": [talib.TRIX(close, 15)],
    "atr(14)": [talib.ATR(high, low, close, 14)],
    "bollinger(20,2)": [upper, middle, lower],
    "percent_b(20,2)": [(close - lower) / (upper - lower)],
    "bandwidth(20,2)": [100 * (upper - lower) / middle],
    "keltner(20,2,10)": [middle_keltner + 2 * atr, middle_keltner, middle_keltner - 2 * atr],
    "donchian(20)": talib.DONCHIAN(high, low, 20),
    "volatility(20,252)": [annual(log_return.rolling(20).var())],
    "parkinson(20,252)": [annual((np.log(h / l) ** 2 / (4 * np.log(2))).rolling(20).mean())],
    "garman_klass(20,252)": [annual(gk.rolling(20).mean())],
    "rogers_satchell(20,252)": [annual(rs.rolling(20).mean())],
    "yang_zhang(20,252)": [yang_zhang(20)],
    "ewma_variance(0.94)": [ewma],
    "obv": [talib.OBV(close, volume)],
    "ad": [talib.AD(high, low, close, volume)],
    "cmf(20)": [talib.CMF(high, low, close, volume, 20)],
    "mfi(14)": [talib.MFI(exact_high, exact_low, exact_close, volume, 14)],
    "vwap": [typical],
    "anchored_vwap(0)": [talib.VWAP(high, low, close, volume)],
    "profile(60,24)": profile(60, 24),
    "drawdown": [drawdown, drawdown.cummin()],
    "sharpe(60,252,0.05)": [excess.rolling(60).mean() / excess.rolling(60).std() * np.sqrt(YEAR)],
    "sortino(60,252,0.05)": [excess.rolling(60).mean() / downside * np.sqrt(YEAR)],
    "zscore(20)": [(c - c.rolling(20).mean()) / c.rolling(20).std(ddof=0)],
    "pivots": pivots("classic"),
    "fibonacci_pivots": pivots("fibonacci"),
    "camarilla_pivots": pivots("camarilla"),
    # Pairs of close and volume: values for the correlation, returns for the slope.
    "correlation(30)": [talib.CORREL(close, volume, 30)],
    "beta(30)": [talib.BETA(volume, close, 30)],
}
inputs = {"day": days, "open": open_, "high": high, "low": low, "close": close, "volume": volume}
table = inputs | {f"{name}:{i}": np.asarray(x, float) for name, xs in columns.items() for i, x in enumerate(xs)}
print(";".join(table))
for row in zip(*table.values()):
    print(";".join("" if np.isnan(float(x)) else f"{float(x):.13g}" for x in row))
