"""Writes files of the same bars as people have them, by the real writers, and what must be made of each.

    python make.py    # into files/ and layouts.csv beside it

Needs pandas>=3, pyarrow, polars>=2 and duckdb>=1.5 (PyPI). The bars are made up: 60 sessions of the NYSE
over the end of daylight saving. `layouts.csv` has for each layout what it must give:
  same      the indicators of base/, to 1e-9 (a note on standard error may say what was done)
  adjusted  with --adjusted, those of base-adjusted/
  days      those of base-less/, which lacks the row that has no prices; a note counts it
  minutes   390 rows
  refused   exit status 1 and one sentence
`model/tests/layouts.rs` reads them all by the command.
"""
import csv, datetime as dt, shutil
from pathlib import Path
import duckdb, numpy as np, pandas as pd, polars as pl, pyarrow as pa, pyarrow.feather, pyarrow.ipc, pyarrow.parquet as pq

here = Path(__file__).parent
root = here / "files"
shutil.rmtree(root, ignore_errors=True)

random = np.random.default_rng(18)
closed = [dt.date(2012, 10, 29), dt.date(2012, 10, 30), dt.date(2012, 11, 22)]
days = [day.date() for day in pd.bdate_range("2012-09-04", "2012-12-31") if day.date() not in closed][:60]
close = np.round(100 * np.exp(np.cumsum(random.normal(0, 0.01, 60))), 2)
open_ = np.round(close * (1 + random.normal(0, 0.004, 60)), 2)
high = np.round(np.maximum(open_, close) + random.uniform(0, 1, 60), 2)
low = np.round(np.minimum(open_, close) - random.uniform(0, 1, 60), 2)
volume = random.integers(1_000_000, 20_000_000, 60)
adjusted = np.where(np.arange(60) < 30, np.round(close * 0.97, 6), close)
full = pd.DataFrame({"date": pd.to_datetime(days), "open": open_, "high": high, "low": low, "close": close, "adj_close": adjusted, "volume": volume})
bars = full.drop(columns="adj_close")
text_bars = bars.assign(date=bars.date.dt.strftime("%Y-%m-%d"))
plain = text_bars.to_csv(index=False)
lines = plain.rstrip("\n").split("\n")
MISSING = 40  # the row that lacks something
indexed = bars.set_index("date")
capital = indexed.rename(columns=str.title).rename_axis("Date")
yahoo = full.rename(columns={"date": "Date", "open": "Open", "high": "High", "low": "Low", "close": "Close", "adj_close": "Adj Close", "volume": "Volume"})
polar = pl.DataFrame({name: bars[name].to_numpy() for name in bars.columns[1:]}).with_columns(date=pl.Series(days)).select(bars.columns.tolist())
table = pa.Table.from_pandas(bars, preserve_index=False)
duck = duckdb.connect()
duck.register("text_bars", text_bars)
duck.sql("create table t as select date::date as date, open, high, low, close, volume from text_bars")
zoned = lambda zone, hours=0: indexed.set_axis((indexed.index + pd.Timedelta(hours=hours)).tz_localize(zone)).rename_axis("date")
with_date = lambda array: table.set_column(0, "date", array)
utc = lambda day: pd.Timestamp(day, tz="UTC")
epoch = [int(utc(day).timestamp()) for day in days]
layouts = []


def case(name, expect, write, file="X.csv", more=()):
    path = root / name / file
    path.parent.mkdir(parents=True)
    write(path)
    layouts.append([name, expect, " ".join(more)])


text = lambda content, encoding="utf-8": lambda path: path.write_bytes(content.encode(encoding))
rows = lambda form, **k: lambda path: bars.assign(date=[form(day) for day in days]).to_csv(path, index=False, **k)
frame_csv = lambda frame, **k: lambda path: frame.to_csv(path, **k)
parquet = lambda frame, **k: lambda path: frame.to_parquet(path, **k)
arrow = lambda data, **k: lambda path: pq.write_table(data, path, **k)
replaced = lambda column, array: table.set_column(table.column_names.index(column), column, array)
P, A = "X.parquet", "X.arrow"
SMA = ["--name", "sma(3)"]


def ipc(kind, compression=None, data=table):
    def write(path):
        writer = {"file": pa.ipc.new_file, "stream": pa.ipc.new_stream}[kind]
        with writer(str(path), data.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as out:
            out.write_table(data)
    return write


def sql(query, options="", zone="UTC"):
    def write(path):
        duck.sql(f"set timezone='{zone}'")
        duck.sql(f"copy ({query}) to '{path}' {options}")
    return write


# What the others are compared with.
case("base", "same", text(plain))
case("base-less", "base", text("\n".join(lines[:MISSING + 1] + lines[MISSING + 2:]) + "\n"))
case("base-adjusted", "base", frame_csv(full, index=False))

# pandas
case("pandas-parquet-index", "same", parquet(indexed), P)
case("pandas-parquet-index-unnamed", "same", parquet(indexed.rename_axis(None)), P)
case("pandas-parquet-capital", "same", parquet(capital), P)
for zone in ["UTC", "America/New_York", "US/Eastern", "Europe/Berlin", "Europe/London", "Asia/Tokyo", "-05:00"]:
    case("pandas-parquet-" + zone.lower().replace("/", "-").replace(":", ""), "same", parquet(zoned(zone)), P)
case("pandas-parquet-new-york-16h", "same", parquet(zoned("America/New_York", 16)), P)
case("pandas-parquet-new-york-20h", "same", parquet(zoned("America/New_York", 20)), P)
case("pandas-parquet-berlin-in-utc", "refused", parquet(zoned("Europe/Berlin").tz_convert("UTC")), P)
case("pandas-parquet-berlin-in-utc-named", "same", parquet(zoned("Europe/Berlin").tz_convert("UTC")), P, ["--zone", "Europe/Berlin"])
case("pandas-parquet-float32", "same", parquet(indexed.astype({c: "float32" for c in ("open", "high", "low", "close")})), P)
case("pandas-parquet-category", "same", parquet(text_bars.astype({"date": "category"})), P)
case("pandas-parquet-two-levels", "same", parquet(capital.set_axis(pd.MultiIndex.from_tuples([(c, "X") for c in capital.columns]), axis=1)), P)
case("pandas-arrow-berlin", "same", lambda path: zoned("Europe/Berlin").reset_index().to_feather(path, compression="uncompressed"), A)
case("pandas-csv-index", "same", frame_csv(indexed))
case("pandas-csv-index-unnamed", "same", frame_csv(indexed.rename_axis(None)))
case("pandas-csv-capital", "same", frame_csv(capital))
case("pandas-csv-tokyo", "same", frame_csv(zoned("Asia/Tokyo")))
case("pandas-csv-london", "same", frame_csv(zoned("Europe/London")))
case("pandas-csv-16h-in-utc", "same", frame_csv(zoned("America/New_York", 16).tz_convert("UTC")))
case("pandas-csv-tokyo-in-utc", "refused", frame_csv(zoned("Asia/Tokyo").tz_convert("UTC")))
case("pandas-csv-blanks", "same", frame_csv(text_bars, index=False, sep=" "))
case("pandas-feather-default", "same", lambda path: bars.to_feather(path), A)
case("pandas-feather-zstd", "same", lambda path: bars.to_feather(path, compression="zstd"), "X.feather")
case("pandas-csv-gz", "same", frame_csv(indexed, compression={"method": "gzip", "mtime": 1}), "X.csv.gz")
case("pandas-volume-missing-once", "same", frame_csv(bars.assign(volume=bars.volume.where(bars.index != MISSING, np.nan)), index=False), more=SMA)
case("pandas-row-without-prices", "days", frame_csv(bars.assign(**{c: bars[c].where(bars.index != MISSING) for c in ("open", "high", "low", "close")}), index=False))
case("pandas-one-price-missing", "refused", frame_csv(bars.assign(high=bars.high.where(bars.index != MISSING)), index=False))
# polars
case("polars-parquet", "same", lambda path: polar.write_parquet(path), P)
case("polars-parquet-datetime-new-york", "same", lambda path: polar.with_columns(pl.col("date").cast(pl.Datetime("us")).dt.replace_time_zone("America/New_York")).write_parquet(path), P)
for codec in ["uncompressed", "snappy", "gzip", "brotli", "zstd", "lz4"]:
    case(f"polars-parquet-{codec}", "same", lambda path: polar.write_parquet(path, compression=codec), P)
case("polars-ipc-lz4", "same", lambda path: polar.write_ipc(path, compression="lz4"), A)
case("polars-ipc-zstd", "same", lambda path: polar.write_ipc(path, compression="zstd"), A)
case("polars-ipc-stream", "same", lambda path: polar.write_ipc_stream(path), A)
case("polars-ipc-string-view-dates", "same", lambda path: polar.with_columns(date=pl.col("date").cast(pl.String)).write_ipc(path), A)
case("polars-parquet-decimal", "same", lambda path: polar.with_columns(pl.col("open", "high", "low", "close").cast(pl.Decimal(18, 4))).write_parquet(path), P)
# DuckDB
case("duckdb-parquet", "same", sql("from t"), P)
case("duckdb-parquet-decimal", "same", sql("select date, open::decimal(18,4) open, high::decimal(18,4) high, low::decimal(18,4) low, close::decimal(18,4) as close, volume::hugeint volume from t"), P)
case("duckdb-parquet-timestamptz", "same", sql("select date::timestamp::timestamptz date, * exclude(date) from t", zone="America/New_York"), P)
case("duckdb-parquet-timestamptz-berlin", "refused", sql("select date::timestamp::timestamptz date, * exclude(date) from t", zone="Europe/Berlin"), P)
case("duckdb-csv-timestamptz", "same", sql("select date::timestamp::timestamptz date, * exclude(date) from t", zone="Europe/Berlin"))
case("duckdb-csv-semicolon", "same", sql("from t", "(delimiter ';')"))
case("duckdb-csv-tab", "same", sql("from t", "(delimiter '\t')"), "X.tsv")
case("pandas-csv-tab-unnamed", "same", frame_csv(indexed.rename_axis(None), sep="\t"), "X.tsv")
case("duckdb-csv-no-header", "refused", sql("from t", "(header false)"))
# pyarrow
case("pyarrow-int-yyyymmdd", "same", arrow(with_date(pa.array([d.year * 10000 + d.month * 100 + d.day for d in days], pa.int32()))), P)
for unit, factor in [("seconds", 1), ("milliseconds", 1_000), ("microseconds", 1_000_000), ("nanoseconds", 1_000_000_000)]:
    case(f"pyarrow-epoch-{unit}", "same", arrow(with_date(pa.array([s * factor for s in epoch]))), P)
case("pyarrow-spreadsheet-serial", "refused", arrow(with_date(pa.array([(d - dt.date(1899, 12, 30)).days for d in days], pa.int32()))), P)
case("pyarrow-row-numbers", "refused", arrow(with_date(pa.array(range(1, 61), pa.int64()))), P)
case("pyarrow-text-offset-evening", "same", arrow(with_date(pa.array([d.strftime("%Y-%m-%dT20:00:00-05:00") for d in days]))), P)
case("pyarrow-text-us-dates", "same", arrow(with_date(pa.array([d.strftime("%m/%d/%Y") for d in days]))), P)
case("pyarrow-text-short", "same", arrow(with_date(pa.array([f"{d.year}-{d.month}-{d.day}" for d in days]))), P)
case("pyarrow-dictionary-dates", "same", arrow(with_date(pa.array([str(d) for d in days]).dictionary_encode())), P)
case("pyarrow-date64", "same", ipc("file", data=with_date(pa.array(days, pa.date64()))), A)
case("pyarrow-price-dollar", "same", arrow(replaced("close", pa.array(["$" + str(x) for x in bars.close]))), P)
case("pyarrow-price-scaled-integers", "refused", arrow(replaced("close", pa.array([int(round(x * 1e9)) for x in bars.close]))), P)
case("pyarrow-price-booleans", "refused", arrow(replaced("close", pa.array([True] * 60))), P)
case("pyarrow-volume-of-timestamps", "refused", arrow(replaced("volume", pa.array(bars.date))), P)
case("pyarrow-two-closes", "refused", arrow(pa.Table.from_arrays(table.columns + [table.column("open")], names=table.column_names + ["close"])), P)
case("pyarrow-newest-first", "same", arrow(table.take(list(range(59, -1, -1)))), P)
case("pyarrow-int96", "same", arrow(table, use_deprecated_int96_timestamps=True), P)
case("pyarrow-int96-berlin", "refused", arrow(with_date(pa.array([utc(d) - pd.Timedelta(hours=1) for d in days], pa.timestamp("ns"))), use_deprecated_int96_timestamps=True), P)
case("pyarrow-dataset-folder", "same", lambda path: pq.write_to_dataset(table, str(path), basename_template="part-{i}.parquet"), P)
case("pyarrow-dataset-by-year", "same", lambda path: pq.write_to_dataset(table.append_column("month", pa.array([d.month for d in days])), str(path), partition_cols=["month"], basename_template="part-{i}.parquet"), P)
case("pyarrow-ipc-file-lz4", "same", ipc("file", "lz4"), A)
case("pyarrow-ipc-stream", "same", ipc("stream"), A)
case("pyarrow-ipc-stream-zstd", "same", ipc("stream", "zstd"), "X.arrows")
case("pyarrow-no-rows", "refused", arrow(table.slice(0, 0)), P)
# CSV as spreadsheets, languages and people write it
case("csv-bom-crlf", "same", text("\ufeff" + plain.replace("\n", "\r\n")))
case("csv-decimal-comma", "same", text(plain.replace(",", ";").replace(".", ",")))
case("csv-decimal-comma-quoted", "same", text("\n".join(",".join(f'"{c.replace(".", ",")}"' if "." in c else c for c in l.split(",")) for l in lines) + "\n"))
case("csv-decimal-comma-unquoted", "refused", text(lines[0] + "\n" + "\n".join(l.replace(".", ",") for l in lines[1:]) + "\n"))
case("csv-sep-line", "same", text("sep=;\r\n" + plain.replace(",", ";").replace("\n", "\r\n")))
case("csv-utf16", "same", text(plain, "utf-16"))
case("csv-comment-line", "same", text("# source: mine\n" + plain))
case("csv-header-in-comment", "same", text("# " + plain))
case("csv-upper-case", "same", text(plain.replace(lines[0], lines[0].upper())), "X.CSV")
case("csv-header-twice", "refused", text("\n".join(lines[:30] + [lines[0]] + lines[30:]) + "\n"))
case("csv-cut-off", "refused", text(plain[:-30]))
case("csv-us-dates", "same", rows(lambda d: d.strftime("%m/%d/%Y")))
case("csv-german-dates", "same", rows(lambda d: d.strftime("%d.%m.%Y")))
case("csv-slash-dates", "same", rows(lambda d: d.strftime("%Y/%m/%d")))
case("csv-day-month-year", "same", rows(lambda d: d.strftime("%d-%m-%Y")))
case("csv-month-names", "same", rows(lambda d: d.strftime("%d-%b-%Y")))
case("csv-long-dates", "same", rows(lambda d: d.strftime("%A, %B %d, %Y")))
few = [d.day <= 12 for d in days]
ambiguous = bars.assign(date=[d.strftime("%d/%m/%Y") for d in days])[few]
case("csv-ambiguous-dates", "refused", frame_csv(ambiguous, index=False))
case("csv-two-digit-years", "refused", rows(lambda d: d.strftime("%y-%m-%d")))
case("csv-spreadsheet-serial", "refused", rows(lambda d: (d - dt.date(1899, 12, 30)).days))
case("csv-zulu-midnight", "same", rows(lambda d: d.strftime("%Y-%m-%dT00:00:00Z")))
case("csv-zulu-afternoon", "same", rows(lambda d: d.strftime("%Y-%m-%dT20:00:00.000000000Z")))
case("csv-zulu-late", "refused", rows(lambda d: d.strftime("%Y-%m-%dT23:00:00Z")))
case("csv-newest-first", "same", frame_csv(text_bars.iloc[::-1], index=False))
case("csv-milliseconds", "same", rows(lambda d: int(utc(d).timestamp() * 1000)))
case("csv-volume-thousands", "same", frame_csv(text_bars.assign(volume=[f"{v:,}" for v in bars.volume]), index=False))
case("csv-volume-exponent", "same", frame_csv(text_bars.assign(volume=[f"{v / 1e7!r}E7" for v in bars.volume]), index=False))
case("csv-no-volume", "same", frame_csv(text_bars.drop(columns="volume"), index=False), more=SMA)
case("csv-volume-empty", "same", frame_csv(text_bars.assign(volume=""), index=False), more=SMA)
case("csv-one-row-doubled", "same", text("\n".join(lines[:31] + lines[30:]) + "\n"))
case("csv-one-day-twice-otherwise", "refused", text("\n".join(lines[:31] + [lines[30].split(",")[0] + "," + lines[31].split(",", 1)[1]] + lines[31:]) + "\n"))
ulp = bars.assign(high=np.where(bars.index == 7, np.nextafter(np.maximum(bars.open, bars.close), 0), bars.high))
case("csv-high-an-ulp-low", "same", frame_csv(ulp, index=False), more=SMA)
case("csv-unknown-names", "refused", text(plain.replace(lines[0], "Tag,Erster,Hoch,Tief,Kurs,Umsatz")))
case("csv-named-names", "same", text(plain.replace(lines[0], "Tag,Erster,Hoch,Tief,Kurs,Umsatz")), more=["--columns", "date=Tag,open=Erster,high=Hoch,low=Tief,close=Kurs,volume=Umsatz"])
# sites and vendors
case("stooq", "same", frame_csv(capital, date_format="%Y-%m-%d"))
case("stooq-bulk", "same", frame_csv(pd.DataFrame({"<TICKER>": "X.US", "<PER>": "D", "<DATE>": [d.strftime("%Y%m%d") for d in days], "<TIME>": "000000", "<OPEN>": bars.open, "<HIGH>": bars.high, "<LOW>": bars.low, "<CLOSE>": bars.close, "<VOL>": bars.volume, "<OPENINT>": 0}), index=False), "X.txt")
case("nasdaq", "same", frame_csv(pd.DataFrame({"Date": [d.strftime("%m/%d/%Y") for d in days], "Close/Last": ["$" + str(v) for v in bars.close], "Volume": bars.volume, "Open": ["$" + str(v) for v in bars.open], "High": ["$" + str(v) for v in bars.high], "Low": ["$" + str(v) for v in bars.low]}).iloc[::-1], index=False))
case("yahoo", "same", frame_csv(yahoo, index=False))
nulls = yahoo.astype(object)
nulls.loc[MISSING, ["Open", "High", "Low", "Close", "Adj Close", "Volume"]] = "null"
case("yahoo-null-row", "days", frame_csv(nulls, index=False))
levels = capital[["Close", "High", "Low", "Open", "Volume"]].copy()
levels.columns = pd.MultiIndex.from_tuples([(c, "X") for c in levels.columns], names=["Price", "Ticker"])
case("yfinance-three-header-rows", "same", frame_csv(levels, date_format="%Y-%m-%d"))
case("yfinance-by-ticker", "same", frame_csv(levels.swaplevel(axis=1), date_format="%Y-%m-%d"))
case("alpha-vantage", "same", text("timestamp,open,high,low,close,volume\n" + "\n".join(lines[:0:-1]) + "\n"))
case("alpha-vantage-package", "same", frame_csv(indexed.set_axis(["1. open", "2. high", "3. low", "4. close", "5. volume"], axis=1)))
case("alpha-vantage-refusal", "refused", text('{\n    "Information": "We have detected your API key and our standard API rate limit is 25 requests per day."\n}'))
case("investing", "same", frame_csv(pd.DataFrame({"Date": [d.strftime("%b %d, %Y") for d in days], "Price": bars.close, "Open": bars.open, "High": bars.high, "Low": bars.low, "Vol.": [f"{v / 1e6:.6f}M" for v in bars.volume], "Change %": "0.1%"}), index=False))
case("r-write-csv", "same", text('"","date","open","high","low","close","volume"\n' + "\n".join(f'"{k + 1}","{l.split(",", 1)[0]}",{l.split(",", 1)[1]}' for k, l in enumerate(lines[1:])) + "\n"))
case("r-write-table", "same", text('"date" "open" "high" "low" "close" "volume"\n' + "\n".join(f'"{k + 1}" ' + f'"{l.split(",", 1)[0]}" {l.split(",", 1)[1]}'.replace(",", " ") for k, l in enumerate(lines[1:])) + "\n"))
case("r-write-table-dates-as-names", "same", text('"open" "high" "low" "close" "volume"\n' + "\n".join('"' + l.split(",", 1)[0] + '" ' + l.split(",", 1)[1].replace(",", " ") for l in lines[1:]) + "\n"))
case("r-quantmod", "same", frame_csv(capital.rename(columns=lambda c: "X." + c).rename_axis("Index")))
case("own-api-csv", "same", frame_csv(pd.DataFrame({"time_ms": [int(pd.Timestamp(d, tz="America/New_York").timestamp() * 1000) for d in days], **{c: bars[c] for c in ("open", "high", "low", "close", "volume")}}), index=False))
# adjusted closes
ADJUSTED = ["--adjusted"]
case("adjusted", "adjusted", frame_csv(full, index=False), more=ADJUSTED)
for name in ["Adj Close", "adjclose", "adjusted_close", "Adj_Close"]:
    case("adjusted-" + name.lower().replace(" ", "-"), "adjusted", frame_csv(full.rename(columns={"adj_close": name}), index=False), more=ADJUSTED)
case("adjusted-one-cell-empty", "refused", frame_csv(full.assign(adj_close=full.adj_close.where(full.index != MISSING)), index=False), more=ADJUSTED)
case("adjusted-not-there", "refused", text(plain), more=ADJUSTED)
# bars that are no days
minutes = pd.DataFrame({"open": 10.0, "high": 11.0, "low": 9.0, "close": 10.5, "volume": 100}, index=pd.date_range("2012-09-04 09:30", periods=390, freq="min")).rename_axis("date")
case("minute-bars", "minutes", parquet(minutes), P)
case("minute-bars-new-york", "minutes", parquet(minutes.tz_localize("America/New_York")), P)

with (here / "layouts.csv").open("w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["layout", "gives", "options"])
    writer.writerows(sorted(layouts))
print(len(layouts), "layouts")
