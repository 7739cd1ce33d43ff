import numpy

product = {}


def load(stack, m, n, k, transposed, precision):
    """Makes a stack of products of whole numbers ready to run, and returns the checksum of their results."""
    stack, m, n, k = int(stack), int(m), int(n), int(k)
    fill = lambda *shape: (numpy.arange(numpy.prod(shape)) * 7 % 13 - 6).astype(precision).reshape(shape)
    a, b, c = fill(stack, m, k), fill(n, k).T if transposed == "true" else fill(k, n), numpy.empty((stack, m, n), precision)
    if stack == 1:
        a, c = a[0], c[0]
    product["run"] = timed(lambda: numpy.matmul(a, b, out=c))
    product["run"](1)
    return float((c.ravel().astype("float64") * (1 + numpy.arange(c.size) % 11)).sum())


serve({"BLAS": blas()}, {"load": load, "run": lambda count: product["run"](count)})
