"""Writes record.json beside it: a record made by another program, from the layout that `src/bytes.rs` documents.

Standard library only: `python3 record.py`.
"""
import datetime, hashlib, json, pathlib, struct

LEVELS = [0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95]


def date(text):
    year, month, day = map(int, text.split("-"))
    return struct.pack("<hBB", year, month, day)


def text(value):
    return struct.pack("<H", len(value.encode())) + value.encode()


def floats(values):
    return struct.pack(f"<H{len(values)}d", len(values), *values)


def rows(values):
    return struct.pack("<H", len(values)) + b"".join(map(floats, values))


def origin(o):
    match o["mode"]:
        case "live":
            return b"\0"
        case "delayed":
            return b"\1" + struct.pack("<I", o["minutes"])
        case "end_of_day":
            return b"\2" + date(o["date"])
        case "replay":
            return b"\3" + date(o["date"]) + struct.pack("<Q", o["lap"])


def to_bytes(e):
    closes = b"".join(date(c["date"]) + struct.pack("<d", c["log_return"]) for c in e["closes"])
    return (
        b"TWR1" + bytes.fromhex(e["previous"]) + struct.pack("<Qq", e["number"], e["issued_ms"]) + text(e["symbol"])
        + origin(e["origin"]) + date(e["origin_date"]) + struct.pack("<d", e["origin_close"]) + text(e["model"])
        + bytes([e["in_sample"]]) + floats(e["levels"]) + rows(e["quantiles"]) + rows(e["naive"])
        + struct.pack("<H", len(e["closes"])) + closes
    )


def pinball(row, y):
    return sum(max(l * (y - q), (l - 1) * (y - q)) for l, q in zip(LEVELS, row)) / len(LEVELS)


def pit(row, y):
    if y < row[0]:
        return LEVELS[0]
    for i in range(6):
        if y < row[i + 1]:
            return LEVELS[i] + (y - row[i]) / (row[i + 1] - row[i]) * (LEVELS[i + 1] - LEVELS[i])
    return LEVELS[-1]


def row(scale, shift=0.0):
    return [round(shift + scale * z, 9) for z in (-1.7, -1.3, -0.66, 0.01, 0.68, 1.29, 1.66)]


def midnight(day):
    """Of 2026-11, in UTC and milliseconds."""
    return int(datetime.datetime(2026, 11, day, tzinfo=datetime.timezone.utc).timestamp() * 1000)


NAIVE = [row(0.02), row(0.028)]
R = lambda day, lap: {"mode": "replay", "date": day, "lap": lap}
# origin, origin date, in sample, issued, closes since the entry before, quantiles
issued = [
    (R("2012-09-04", 0), "2012-08-31", True, 1_000, [], [row(0.011), row(0.016)]),
    (R("2012-09-05", 0), "2012-09-04", False, 2_000, [("2012-09-04", 0.004)], [row(0.012), row(0.017)]),
    (R("2012-09-07", 0), "2012-09-06", False, 3_000, [("2012-09-05", -0.021), ("2012-09-06", 0.0305)], [row(0.013), row(0.018)]),
    (R("2012-09-10", 0), "2012-09-07", False, 4_000, [("2012-09-07", 0.0001)], [row(0.012, 0.001), row(0.017)]),
    (R("2012-09-05", 1), "2012-09-04", False, 5_000, [], [row(0.012), row(0.017)]),
    # 2026-11-20 was a Friday.
    ({"mode": "delayed", "minutes": 15}, "2026-11-20", False, midnight(23), [], [row(0.012), row(0.017)]),
    ({"mode": "end_of_day", "date": "2026-11-23"}, "2026-11-23", False, midnight(24), [("2026-11-23", 0.01)], [row(0.012), row(0.017)]),
    ({"mode": "live"}, "2026-11-24", False, midnight(26), [("2026-11-24", -0.013)], [row(0.012), row(0.017)]),
]

entries, previous = [], "00" * 32
for number, (o, day, in_sample, issued_ms, closes, quantiles) in enumerate(issued, 1):
    entry = {
        "number": number, "previous": previous, "symbol": "IBM", "issued_ms": issued_ms, "origin": o, "origin_date": day,
        "origin_close": 195.25, "model": "mlp-2012", "in_sample": in_sample, "levels": LEVELS, "quantiles": quantiles,
        "naive": NAIVE, "closes": [{"date": d, "log_return": r} for d, r in closes],
    }
    previous = hashlib.sha256(to_bytes(entry)).hexdigest()
    entries.append({"entry": entry, "hash": previous, "outcomes": []})

runs = [[0, 1, 2, 3], [4], [5, 6, 7]]
for run in runs:
    for place, index in enumerate(run):
        e = entries[index]["entry"]
        closes = [c for later in run[place + 1:] for c in entries[later]["entry"]["closes"]][:2]
        y = 0.0
        for h, close in enumerate(closes):
            y += close["log_return"]
            q = e["quantiles"][h]
            entries[index]["outcomes"].append({
                "horizon": h + 1, "date": close["date"], "realised": y, "pinball": pinball(q, y),
                "naive_pinball": pinball(NAIVE[h], y), "inside_50": q[2] <= y <= q[4], "inside_80": q[1] <= y <= q[5],
                "inside_90": q[0] <= y <= q[6], "pit": pit(q, y),
            })
entries[0]["excluded"] = "in_sample"
entries[4]["excluded"] = "repeated"
entries[7]["excluded"] = "late"


def summary(indices):
    counted = [entries[i] for i in indices if "excluded" not in entries[i] and entries[i]["outcomes"]]
    horizons = []
    for h in (1, 2):
        outcomes = [o for e in counted for o in e["outcomes"] if o["horizon"] == h]
        mean = lambda name: sum(o[name] for o in outcomes) / len(outcomes)
        if outcomes:
            names = ("pinball", "naive_pinball", "inside_50", "inside_80", "inside_90")
            horizons.append({"horizon": h, "count": len(outcomes), **{n: mean(n) for n in names}})
    days = [e["entry"]["origin_date"] for e in counted]
    return {"forecasts": len(counted), "origins": [min(days), max(days)], "horizons": horizons}


record = {
    "symbol": "IBM", "anchor": {"number": 0, "hash": "00" * 32}, "head": {"number": len(entries), "hash": previous},
    "live": summary(runs[2]), "replayed": summary(runs[0] + runs[1]), "entries": entries,
}
pathlib.Path(__file__).with_name("record.json").write_text(json.dumps(record, indent=1) + "\n")
