#!/usr/bin/env bash
# TA-Lib 0.8.2 (PyPI): ADX of prices with cents differs from ADX of the same prices in cents.
#
# ADX counts a day as up or down by which of two differences of prices is larger; where they
# are equal it counts as neither. In binary floating point 50.03 - 50.01 and 49.99 - 49.97
# are not equal, so that a tie is decided by the last bit, and Wilder's smoothing carries the
# wrong count on for weeks. Scaled to whole cents the ties are ties. MFI, which compares typical
# prices, was cured of the same fault in 0.8; ADX, DX and the directional indicators were not.
#
# Seen on 2026-12-01 with TA-Lib 0.8.2 and numpy 2.4.6: 47.61 for the cents, 41.54 for the same prices in
# units, 29 days into 200 made-up ones.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet TA-Lib==0.8.2 numpy==2.4.6
"$folder/venv/bin/python" - <<'PY'
import numpy as np
import talib

random = np.random.default_rng(32)
close = 5000 + np.cumsum(random.integers(-3, 4, 200))
high = close + random.integers(0, 4, 200)
low = close - random.integers(0, 4, 200)
cents = [column.astype(float) for column in (high, low, close)]
units = [column / 100 for column in cents]
of_cents, of_units = talib.ADX(*cents, 14), talib.ADX(*units, 14)
apart = np.nanargmax(abs(of_cents - of_units))
print(f"day {apart}: ADX(14) {of_cents[apart]:.2f} of prices in cents, {of_units[apart]:.2f} of the same in units")
assert talib.__version__ == "0.8.2"
assert abs(of_cents[apart] - of_units[apart]) > 5, "the two agree by now"
PY
