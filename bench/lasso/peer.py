import sys, warnings

import numpy
import sklearn
from sklearn.linear_model import Lasso, lasso_path

warnings.simplefilter("ignore")  # of convergence: how good an answer is, is judged outside
folder = sys.argv[1]
problem = {}


def load(m, n):
    m, n = int(m), int(n)
    problem["X"] = numpy.fromfile(folder + "/A", "<f8").reshape(n, m).T  # in Fortran order, which it need not copy
    problem["y"] = numpy.fromfile(folder + "/y", "<f8")
    problem["gram"] = m > n  # the rule of scikit-learn's own precompute="auto"
    return 0


def fit(weight, tol):
    """Solves once, leaves the answer in the folder, and has run do the same."""
    X, y = problem["X"], problem["y"]
    model = Lasso(alpha=float(weight) / len(y), fit_intercept=False, precompute=problem["gram"], tol=float(tol), max_iter=50_000)
    problem["run"] = lambda: model.fit(X, y)
    problem["run"]()
    model.coef_.tofile(folder + "/x")
    return int(model.n_iter_)


def path(tol):
    """The same for all the weights in the folder, from the largest down."""
    X, y = problem["X"], problem["y"]
    weights = numpy.fromfile(folder + "/weights", "<f8") / len(y)
    problem["run"] = lambda: lasso_path(X, y, alphas=weights, precompute=problem["gram"], tol=float(tol), max_iter=50_000)
    numpy.ascontiguousarray(problem["run"]()[1].T).tofile(folder + "/x")
    return 0


serve({"Version": "scikit-learn " + sklearn.__version__}, {"load": load, "fit": fit, "path": path, "run": lambda count: timed(problem["run"])(count)})
