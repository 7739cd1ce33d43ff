import numpy
from sklearn.linear_model import LassoCV

# sklearn's weight is ours divided by the rows; the folds are ours.
folder, m, held, n, folds = sys.argv[1], *map(int, sys.argv[2:6])


def read(name, *shape):
    return numpy.fromfile(f"{folder}/{name}", dtype="<f4").astype(float).reshape(shape)


A, y, B, b = read("A", m, n), read("y", m), read("B", held, n), read("b", held)
rows = numpy.arange(m)
splits = [(rows[rows % folds != k], rows[rows % folds == k]) for k in range(folds)]


def fit():
    return LassoCV(n_alphas=100, cv=splits, fit_intercept=False).fit(A, y)


def error():
    model = fit()
    return [float(((B @ model.coef_ - b) ** 2).mean()), float(model.alpha_ * m)]


import sklearn
serve({"Version": sklearn.__version__}, {"fit": timed(fit), "error": error})
