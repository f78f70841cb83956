#!/usr/bin/env python3
"""Golden outputs by TA-Lib on recorded bars (MSFT of public/replay, unadjusted).

    pip install TA-Lib pyarrow numpy
    python make.py ../../../../public/replay/MSFT.arrow > talib_msft.csv
"""

import sys

import numpy as np
import pyarrow as pa
import talib

ROWS = 400
table = pa.ipc.open_file(sys.argv[1]).read_all().slice(0, ROWS)
high, low, close = (table[f"{name}_e4"].to_numpy() / 1e4 for name in ("high", "low", "close"))
upper, middle, lower = talib.BBANDS(close, 20, 2, 2, 0)
macd, signal, histogram = talib.MACD(close, 12, 26, 9)
columns = {
    "high": high,
    "low": low,
    "close": close,
    "sma(20):0": talib.SMA(close, 20),
    "ema(50):0": talib.EMA(close, 50),
    "bollinger(20,2):0": upper,
    "bollinger(20,2):1": middle,
    "bollinger(20,2):2": lower,
    "rsi(14):0": talib.RSI(close, 14),
    "macd(12,26,9):0": macd,
    "macd(12,26,9):1": signal,
    "macd(12,26,9):2": histogram,
    "atr(14):0": talib.ATR(high, low, close, 14),
}
print(";".join(columns))
for row in zip(*columns.values()):
    print(";".join("" if np.isnan(x) else repr(float(x)) for x in row))
