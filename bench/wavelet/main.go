// Command wavelet measures the operators on images beside those of Python: the orthonormal transform by db4, analysis and synthesis, beside
// PyWavelets; the convolution with a full kernel, periodic, beside SciPy's transforms with the kernel's at hand and beside its fftconvolve.
//
//	go run ./bench/wavelet [-threads 1] [-rounds 15] [-side 512]
//
// Both sides get the same image of three channels; it exits 1 when a coefficient or a pixel differs by more than 1e-12 of the largest one.
// Of PyWavelets the fastest arrangement counts, channel by channel. Its mode is periodization, the one that is orthonormal. Fftconvolve takes
// what is beyond the edges for 0.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"

	"unroll/bench/internal/peer"
	"unroll/engine/kernel"
	"unroll/l2o/linop"
)

//go:embed peer.py
var script string

const (
	packages = "python3-pywt python3-scipy"
	levels   = 4
	size     = 25 // rows and columns of the kernel
)

func main() {
	threads := flag.Int("threads", 1, "threads of both sides; ours has one")
	rounds := flag.Int("rounds", 15, "measurements of each contender")
	side := flag.Int("side", 512, "rows and columns of the image")
	flag.Parse()
	if err := run(linop.Shape{C: 3, H: *side, W: *side}, max(1, *threads), max(1, *rounds)); err != nil {
		fmt.Fprintln(os.Stderr, "wavelet:", err)
		os.Exit(1)
	}
}

func run(s linop.Shape, threads, rounds int) error {
	runtime.GOMAXPROCS(threads)
	ours, err := newContest(s, levels, size)
	if err != nil {
		return err
	}
	p, err := ours.start(threads)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := ours.agree(p); err != nil {
		return err
	}
	return ours.race(p, threads, rounds)
}

// A contest is an image and what is done to it.
type contest struct {
	shape     linop.Shape
	levels    int
	image     []float64 // (C, H, W), each number a float32
	kernel    linop.Kernel
	wavelet   *linop.Wavelet
	blur      *linop.Conv2D
	transform []float64
	result    []float64
}

func newContest(s linop.Shape, levels, size int) (*contest, error) {
	rng := rand.New(rand.NewPCG(1, 0))
	c := &contest{shape: s, levels: levels, kernel: linop.Kernel{H: size, W: size}}
	draw := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = float64(float32(rng.Float64()))
		}
		return v
	}
	c.image, c.kernel.Data = draw(s.Len()), draw(size*size)
	c.transform, c.result = make([]float64, s.Len()), make([]float64, s.Len())
	var err error
	if c.wavelet, err = linop.NewWavelet(s, levels); err != nil {
		return nil, err
	}
	c.blur, err = linop.NewConv2D(s, linop.Periodic, c.kernel)
	return c, err
}

// start gives image and kernel to a peer.
func (c *contest) start(threads int) (*peer.Process, error) {
	var hello struct{ PyWavelets, SciPy string }
	p, err := peer.StartWith(map[string][]float32{"image": peer.Float32(c.image), "kernel": peer.Float32(c.kernel.Data)},
		script, packages, threads, &hello, c.shape.C, c.shape.H, c.shape.W, c.levels, c.kernel.H)
	if err != nil {
		return nil, err
	}
	fmt.Printf("ours: kernels %s; peers: PyWavelets %s, SciPy %s\nan image of %v, db4 of %d levels, a kernel of %d×%d\n\n",
		kernel.Level(), hello.PyWavelets, hello.SciPy, c.shape, c.levels, c.kernel.H, c.kernel.W)
	return p, nil
}
