#!/usr/bin/env python3
"""Converts the recorded daily bars of the PyPI package bokeh-sampledata into
the Arrow files of public/replay.

    pip download --no-deps bokeh-sampledata==2026.1
    unzip bokeh_sampledata-*.whl -d sampledata
    pip install pyarrow
    python xtask/scripts/recorded_bars.py sampledata public/replay

The source (stocks.csv.gz, Quandl WIKI prices) gives prices as traded beside a
close adjusted for splits and dividends. Prices have at most four decimals, so
they are kept as whole ten-thousandths of a dollar: exact, and half the size of
a double. Splits are not in the source as such: the dates below are those of
the companies' announcements, and the script refuses to write a file whose
unadjusted prices jump without a listed split, or do not jump at a listed one.
"""

import csv
import gzip
import hashlib
import json
import pathlib
import sys
from datetime import date

import pyarrow as pa

NAMES = {
    "AAPL": "Apple Inc.",
    "FB": "Facebook, Inc.",
    "GOOG": "Google Inc.",
    "IBM": "International Business Machines Corp.",
    "MSFT": "Microsoft Corp.",
}
# (first day at the new price, new shares per old share)
SPLITS = {
    "AAPL": [("2000-06-21", 2), ("2005-02-28", 2)],
    "MSFT": [("2003-02-18", 2)],
}
# MSFT paid a special dividend of 3.08 dollars on 2004-11-15 (10 % of its price):
# the adjusted close moves, the number of shares does not.
SPECIAL_DIVIDENDS = {("MSFT", "2004-11-15")}


def ten_thousandths(text: str) -> int:
    value = round(float(text) * 10_000)
    assert abs(value - float(text) * 10_000) < 1e-5, text
    return value


def check_splits(symbol: str, rows: list[dict]) -> None:
    listed = dict(SPLITS.get(symbol, []))
    for before, row in zip(rows, rows[1:]):
        raw = float(row["Close"]) / float(before["Close"])
        adjusted = float(row["Adj Close"]) / float(before["Adj Close"])
        ratio = adjusted / raw
        expected = listed.get(row["Date"], 1)
        if (symbol, row["Date"]) in SPECIAL_DIVIDENDS:
            continue
        assert abs(ratio / expected - 1) < 0.03, (symbol, row["Date"], ratio)


def table(symbol: str, rows: list[dict]) -> pa.Table:
    def prices(column):
        return pa.array([ten_thousandths(r[column]) for r in rows], pa.int32())

    schema = pa.schema(
        [
            ("date", pa.date32()),
            ("open_e4", pa.int32()),
            ("high_e4", pa.int32()),
            ("low_e4", pa.int32()),
            ("close_e4", pa.int32()),
            ("volume", pa.uint32()),
            ("adj_close", pa.float64()),
        ],
        metadata={"symbol": symbol, "splits": ",".join(f"{d}:{n}" for d, n in SPLITS.get(symbol, []))},
    )
    columns = [
        pa.array([date.fromisoformat(r["Date"]) for r in rows], pa.date32()),
        *(prices(c) for c in ("Open", "High", "Low", "Close")),
        pa.array([int(r["Volume"]) for r in rows], pa.uint32()),
        pa.array([float(r["Adj Close"]) for r in rows], pa.float64()),
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def main(source: pathlib.Path, target: pathlib.Path) -> None:
    csv_gz = source / "bokeh_sampledata" / "_data" / "stocks.csv.gz"
    with gzip.open(csv_gz, "rt", newline="") as lines:
        rows = list(csv.DictReader(lines))
    target.mkdir(parents=True, exist_ok=True)
    entries = []
    for symbol, name in NAMES.items():
        own = sorted((r for r in rows if r["Ticker"] == symbol), key=lambda r: r["Date"])
        check_splits(symbol, own)
        path = target / f"{symbol}.arrow"
        data = table(symbol, own)
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, data.schema) as writer:
            writer.write_table(data)
        entries.append(
            {
                "symbol": symbol,
                "name": name,
                "first": own[0]["Date"],
                "last": own[-1]["Date"],
                "rows": len(own),
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            }
        )
    manifest = {
        "source": "PyPI bokeh-sampledata 2026.1, bokeh_sampledata/_data/stocks.csv.gz (Quandl WIKI prices)",
        "source_sha256": hashlib.sha256(csv_gz.read_bytes()).hexdigest(),
        "licence": "Public domain, as recorded in the package's bokeh_sampledata/stocks.py",
        "recordings": entries,
    }
    (target / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
