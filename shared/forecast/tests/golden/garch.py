"""Makes garch.json: fits of PyPI `arch` 8 to the recorded bars.

    pip install arch pandas pyarrow
    python shared/forecast/tests/golden/garch.py

Each fit has a constant mean and Student's t, on 100 times the log returns of
adj_close, and starts from arch's own starting values.
"""
import json, pathlib
import numpy as np, pyarrow.ipc as ipc
from arch import arch_model

here = pathlib.Path(__file__).parent
fits = []
for symbol in ("AAPL", "IBM", "MSFT"):
    table = ipc.open_file(here.parents[3] / f"public/replay/{symbol}.arrow").read_all()
    returns = 100 * np.diff(np.log(table["adj_close"].to_numpy()))[-2520:]
    for kind, o in (("garch", 0), ("gjr", 1)):
        result = arch_model(returns, mean="Constant", vol="GARCH", p=1, o=o, q=1, dist="t").fit(disp="off", tol=1e-10)
        p = result.params
        fits.append({
            "symbol": symbol, "kind": kind, "log_likelihood": result.loglikelihood,
            "mean": p["mu"], "omega": p["omega"], "alpha": p["alpha[1]"], "gamma": p.get("gamma[1]", 0.0),
            "beta": p["beta[1]"], "nu": p["nu"],
            "next_variance": float(result.forecast(horizon=1).variance.values[-1, 0]),
        })
(here / "garch.json").write_text(json.dumps(fits, indent=1) + "\n")
