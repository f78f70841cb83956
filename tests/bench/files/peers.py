"""Folders of files of bars, and how long polars and pyarrow take for them.

    python peers.py make DIR            # DIR/csv and DIR/parquet, 500 files of 5,000 rows each
    python peers.py polars DIR/csv      # read_csv of each file, with casts to a date and numbers
    python peers.py pyarrow DIR/parquet

Needs polars and pyarrow (PyPI). Prints one JSON object: the median seconds of 5 passes over all files.
"""
import json, resource, statistics, sys, time
from pathlib import Path

FILES, ROWS, PASSES = 500, 5_000, 5
COLUMNS = ["open", "high", "low", "close"]


def make(folder):
    import datetime, random
    import pyarrow as pa, pyarrow.parquet as pq
    for kind in ("csv", "parquet"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    first = datetime.date(2000, 1, 3)
    days = [first + datetime.timedelta(days=7 * (row // 5) + row % 5) for row in range(ROWS)]
    for file in range(FILES):
        source, price, rows = random.Random(file), 100.0, []
        for day in days:
            open_, price = price, round(price * (1 + source.gauss(0, 0.015)), 2)
            high = round(max(open_, price) + source.random(), 2)
            low = round(min(open_, price) * 0.99, 2)
            rows.append((day, open_, high, low, price, source.randrange(10**6, 10**8)))
        lines = "\n".join(",".join(map(str, row)) for row in rows)
        name = f"S{file:03}"
        (folder / "csv" / f"{name}.csv").write_text("date,open,high,low,close,volume\n" + lines + "\n")
        names = ["date", *COLUMNS, "volume"]
        table = pa.table(dict(zip(names, map(list, zip(*rows)))))
        pq.write_table(table, folder / "parquet" / f"{name}.parquet")


def polars(path):
    import polars as pl
    frame = pl.read_csv(path).with_columns(
        pl.col("date").str.to_date("%Y-%m-%d"), pl.col(*COLUMNS, "volume").cast(pl.Float64))
    return len(frame), frame["close"].sum()


def pyarrow(path):
    import pyarrow.compute as pc, pyarrow.parquet as pq
    table = pq.read_table(path)
    return len(table), pc.sum(table["close"]).as_py()


if __name__ == "__main__":
    command, folder = sys.argv[1], Path(sys.argv[2])
    if command == "make":
        make(folder)
        sys.exit()
    read = {"polars": polars, "pyarrow": pyarrow}[command]
    paths, seconds = sorted(folder.iterdir()), []
    for _ in range(PASSES):
        start = time.perf_counter()
        results = [read(path) for path in paths]
        seconds.append(time.perf_counter() - start)
    print(json.dumps({
        "impl": command, "seconds": statistics.median(seconds), "files": len(paths),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
        "rows": sum(rows for rows, _ in results), "closes": sum(closes for _, closes in results),
    }))
