"""Times TA-Lib: talib_peer.py --bars FILE --reps R. Prints what `tickwise bench indicators` prints.

Needs TA-Lib and numpy from PyPI; `cargo xtask bench indicators` installs them.
"""

import argparse
import json
import statistics
import time

import numpy as np
import talib


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bars", required=True)
    parser.add_argument("--reps", type=int, required=True)
    options = parser.parse_args()
    raw = np.fromfile(options.bars, dtype="<u8")
    # TA-Lib wants columns that are aligned and contiguous.
    _, high, low, close, _ = (column.copy() for column in raw[1:].view("<f8").reshape(5, int(raw[0])))
    calls = {
        "sma20": lambda: talib.SMA(close, 20),
        "ema20": lambda: talib.EMA(close, 20),
        "rsi14": lambda: talib.RSI(close, 14),
        "macd": lambda: talib.MACD(close, 12, 26, 9),
        "bbands20": lambda: talib.BBANDS(close, 20, 2.0, 2.0, 0),
        "atr14": lambda: talib.ATR(high, low, close, 14),
        "stoch14": lambda: talib.STOCH(high, low, close, 14, 3, 0, 3, 0),
    }
    for name, call in calls.items():
        out, times = call(), []
        for _ in range(options.reps):
            start = time.perf_counter_ns()
            out = call()
            times.append((time.perf_counter_ns() - start) / len(close))
        columns = out if isinstance(out, tuple) else (out,)
        row = {"impl": "talib", "indicator": name, "mode": "batch", "ns_per_bar": statistics.median(times)}
        print(json.dumps(row | {"last": [float(column[-1]) for column in columns]}), flush=True)


main()
