import numpy as np
import pywt
import scipy
import scipy.fft
import scipy.signal

folder, C, H, W, J, size = sys.argv[1], *map(int, sys.argv[2:7])


def read(name, *shape):
    return np.fromfile(f"{folder}/{name}", "<f4").astype(float).reshape(shape)


def orthonormal(name):
    """The wavelet in the one mode in which the transform is orthonormal."""
    return {"wavelet": name, "mode": "periodization"}


image, kernel = read("image", C, H, W), read("kernel", size, size)
db4 = orthonormal("db4")
ahead = np.zeros((H, W))
ahead[:size, :size] = kernel
spectrum = scipy.fft.rfft2(np.roll(ahead, (-(size // 2), -(size // 2)), (0, 1)))


def analyse():
    """Channel by channel, which is faster than all at once."""
    return [pywt.wavedec2(c, level=J, **db4) for c in image]


def round_trip():
    return [pywt.waverec2(c, **db4) for c in analyse()]


def coefficients(channel):
    """The bands in our order."""
    smooth, *details = analyse()[int(channel)]
    return np.concatenate([smooth.ravel()] + [band.ravel() for scale in details for band in scale]).tolist()


def blur():
    """With the kernel's transform at hand, and no array more than it must have."""
    f = scipy.fft.rfft2(image, workers=threads)
    f *= spectrum
    return scipy.fft.irfft2(f, s=(H, W), overwrite_x=True, workers=threads)


def convolve():
    return [scipy.signal.fftconvolve(c, kernel, mode="same") for c in image]


serve({"PyWavelets": pywt.__version__, "SciPy": scipy.__version__},
      {"wavelet": timed(round_trip), "analysis": timed(analyse), "coefficients": coefficients, "back": lambda c: round_trip()[int(c)].ravel().tolist(),
       "fft": timed(blur), "fftconvolve": timed(convolve), "blurred": lambda c: blur()[int(c)].ravel().tolist()})
