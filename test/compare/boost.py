"""Our trees beside scikit-learn's HistGradientBoosting: same rows, same core,
one thread each. Needs scikit-learn in the Python that runs it.

  python3 test/compare/boost.py --bench bin/linlibench [--made 100000x20] [l2 logistic poisson quantile]
"""

import argparse
import csv
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"  # before numpy is loaded

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import log_loss, mean_pinball_loss, mean_poisson_deviance, mean_squared_error

LOSSES = {
    "l2": ("squared_error", mean_squared_error),
    "logistic": ("log_loss", lambda y, p: 2 * log_loss(y, p)),
    "poisson": ("poisson", mean_poisson_deviance),
    "quantile": ("quantile", mean_pinball_loss),
}
RUNS = 3  # the quickest counts, for both


def ours(bench, made, loss, table):
    """The report with the least processor time of training, binning included."""
    runs = []
    for _ in range(RUNS):
        done = subprocess.run([bench, "boost", "--made", made, "--loss", loss, "--write", table, "--quiet"], stdout=subprocess.PIPE, check=True)
        runs.append(json.loads(done.stdout))
    return min(runs, key=lambda r: r["bin_cpu_s"] + r["train_cpu_s"])


def theirs(loss, table):
    """Deviance on the judged rows and the least processor time."""
    with open(table, newline="") as file:
        rows = csv.reader(file)
        next(rows)
        data = np.array([[float(v) if v else np.nan for v in row] for row in rows])
    x, y, test = data[:, :-2], data[:, -2], data[:, -1] == 1
    settings = {"max_iter": 100, "max_leaf_nodes": 31, "learning_rate": 0.1, "max_bins": 255, "min_samples_leaf": 20, "early_stopping": False}
    if loss == "logistic":
        model = HistGradientBoostingClassifier(**settings)
    else:
        model = HistGradientBoostingRegressor(loss=LOSSES[loss][0], **({"quantile": 0.5} if loss == "quantile" else {}), **settings)
    spent = []
    for _ in range(RUNS):
        begin = time.process_time()
        model.fit(x[~test], y[~test])
        spent.append(time.process_time() - begin)
    predicted = model.predict_proba(x[test])[:, 1] if loss == "logistic" else model.predict(x[test])
    return LOSSES[loss][1](y[test], predicted), min(spent)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default="bin/linlibench")
    parser.add_argument("--made", default="100000x20")
    parser.add_argument("losses", nargs="*", default=list(LOSSES))
    flags = parser.parse_args()
    print(f"{'loss':10}{'linli':>10}{'sklearn':>10}{'diff %':>9}{'cpu s':>8}{'cpu s':>8}{'ratio':>7}")
    with tempfile.TemporaryDirectory() as folder:
        for loss in flags.losses:
            table = str(Path(folder) / f"{loss}.csv")
            report = ours(flags.bench, flags.made, loss, table)
            deviance, spent = theirs(loss, table)
            own = report["bin_cpu_s"] + report["train_cpu_s"]
            print(f"{loss:10}{report['test_loss']:10.6f}{deviance:10.6f}{100 * (report['test_loss'] / deviance - 1):9.3f}{own:8.3f}{spent:8.3f}{own / spent:7.2f}")


if __name__ == "__main__":
    main()
