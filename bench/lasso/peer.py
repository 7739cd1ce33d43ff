import signal, sys, time, warnings

import numpy
import sklearn
from sklearn.linear_model import Lasso, lasso_path

warnings.simplefilter("ignore")  # of convergence: how good an answer is, is judged outside
folder, limit = sys.argv[1], float(sys.argv[2])
problem = {}


class OverLimit(Exception):
    pass


def over(*_):
    raise OverLimit


signal.signal(signal.SIGPROF, over)


def load(m, n):
    m, n = int(m), int(n)
    problem["X"] = numpy.fromfile(folder + "/A", "<f8").reshape(n, m).T  # in Fortran order, which it need not copy
    problem["y"] = numpy.fromfile(folder + "/y", "<f8")
    problem["gram"] = m > n  # the rule of scikit-learn's own precompute="auto"
    return 0


def pose_fit(weight, tol):
    """Has run solve for one weight and return the answer."""
    X, y = problem["X"], problem["y"]
    model = Lasso(alpha=float(weight) / len(y), fit_intercept=False, precompute=problem["gram"], tol=float(tol), max_iter=50_000)
    problem["run"] = lambda: model.fit(X, y).coef_
    return 0


def pose_path(tol):
    """The same for all the weights in the folder, from the largest down."""
    X, y = problem["X"], problem["y"]
    weights = numpy.fromfile(folder + "/weights", "<f8") / len(y)
    problem["run"] = lambda: numpy.ascontiguousarray(lasso_path(X, y, alphas=weights, precompute=problem["gram"], tol=float(tol), max_iter=50_000)[1].T)
    return 0


def solution():
    """Runs once, leaves the answer in the folder, none where it takes more than the limit of CPU, and returns the seconds.

    The limit ends a path between two weights; one solution is never interrupted.
    """
    start, x = time.process_time(), numpy.empty(0)
    try:
        signal.setitimer(signal.ITIMER_PROF, limit)
        x = problem["run"]()
    except OverLimit:
        pass
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    x.tofile(folder + "/x")
    return time.process_time() - start


serve({"Version": "scikit-learn " + sklearn.__version__},
      {"load": load, "fit": pose_fit, "path": pose_path, "solution": solution, "run": lambda count: timed(problem["run"])(count)})
