// Command diff measures the hypergradient of a Lasso, the derivative of a held-out error with respect to log λ through all iterations of
// FISTA, beside PyTorch unrolling the same iterations, and a whole search for λ by cross-validation beside scikit-learn's LassoCV.
//
//	go run ./bench/diff [-threads 1] [-rounds 7] [-K 1000]
//
// The problem is W5: 100×200, N(0, 1), five ones, noise 0.1, half of the rows held out, λ = 0.1·λ_max. Both sides take the same numbers, and it
// exits 1 when their derivatives differ by more than 1e-9 relative. Memory is what one hypergradient adds: for the peer the growth of what
// is resident, for us all that is allocated, which is more than what is held at once.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"

	"unroll/bench/internal/peer"
	"unroll/l2o"
	"unroll/l2o/bilevel"
	"unroll/l2o/diff"
	"unroll/l2o/linop"
)

//go:embed peer.py
var script string

const packages = "python3-torch libopenblas0-pthread"

func main() {
	threads := flag.Int("threads", 1, "threads of both sides; ours uses one")
	rounds := flag.Int("rounds", 7, "measurements of each contender")
	K := flag.Int("K", 1000, "iterations of FISTA")
	flag.Parse()
	var ratios peer.Ratios
	err := hypergradients(max(1, *threads), max(1, *rounds), max(1, *K), &ratios)
	if err == nil {
		err = searches(max(1, *threads), max(1, *rounds), &ratios)
	}
	ratios.Print(os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "diff:", err)
		os.Exit(1)
	}
}

// A held is a problem with rows held out, in numbers that float32 holds.
type held struct {
	train, rest *linop.Dense
	y, b        []float64
}

// w5 draws the problem.
func w5() held {
	const m, n = 50, 200
	rng := rand.New(rand.NewPCG(5, 5))
	star := make([]float64, n)
	for _, j := range rng.Perm(n)[:5] {
		star[j] = 1
	}
	rows := func() (*linop.Dense, []float64) {
		a, y := &linop.Dense{M: m, N: n, Data: make([]float64, m*n)}, make([]float64, m)
		for i := range a.Data {
			a.Data[i] = float64(float32(rng.NormFloat64()))
		}
		a.Apply(y, star)
		for i := range y {
			y[i] = float64(float32(y[i] + 0.1*rng.NormFloat64()))
		}
		return a, y
	}
	var h held
	h.train, h.y = rows()
	h.rest, h.b = rows()
	return h
}

func (h held) criterion() bilevel.HeldOut {
	return bilevel.HeldOut{Train: &l2o.Problem{A: h.train, Y: h.y}, B: h.rest, Y: h.b}
}

func (h held) arrays() map[string][]float32 {
	return map[string][]float32{"A": peer.Float32(h.train.Data), "y": peer.Float32(h.y), "B": peer.Float32(h.rest.Data), "b": peer.Float32(h.b)}
}

// hypergradients races ours, through all iterations and by the implicit equation, with the peer's.
func hypergradients(threads, rounds, K int, ratios *peer.Ratios) error {
	h := w5()
	lambda := 0.1 * l2o.LambdaMax(h.train, h.y)
	norm := linop.Norm(h.train)
	var hello struct {
		Torch, BLAS string
		Grown       float64
	}
	p, err := peer.StartWith(h.arrays(), script, packages, threads, &hello, h.train.M, h.rest.M, h.train.N, lambda, 1/(norm*norm), K)
	if err != nil {
		return err
	}
	defer p.Close()
	schedule := diff.Tabulate(K, l2o.Constant(1/(norm*norm)), l2o.BeckTeboulle)
	problem := diff.Lasso(h.train.M, h.train.N, h.train.Data, h.y, lambda)
	criterion := h.criterion()
	gradient := func(mode diff.Mode) func() float64 {
		w := [][]float64{make([]float64, h.train.N)}
		return func() float64 {
			_, g, err := diff.Reverse(problem, schedule, nil, mode, func(x []float64) []float64 {
				criterion.Judge([][]float64{x}, w)
				return w[0]
			}, nil)
			if err != nil {
				panic(err)
			}
			return lambda * g.Lambda
		}
	}
	unrolled, implicit := gradient(diff.Mode{}), gradient(diff.Mode{Rule: diff.Implicit})
	var theirs float64
	if err := p.Ask(&theirs, "value"); err != nil {
		return err
	}
	if ours := unrolled(); !(math.Abs(ours-theirs) <= 1e-9*math.Abs(ours)) {
		return fmt.Errorf("the derivative is %.12g here and %.12g in the peer", ours, theirs)
	}
	times, err := peer.Interleave(rounds, 0.1, peer.Ours(threads, func() { unrolled() }), p.Contender("hypergradient"), peer.Ours(threads, func() { implicit() }))
	if err != nil {
		return err
	}
	ours := allocated(func() { unrolled() })
	fmt.Printf("W5, %d iterations of FISTA; PyTorch %s, %s; %d threads\n", K, hello.Torch, hello.BLAS, threads)
	fmt.Printf("%-28s %10s %10s %10s\n", "", "min ms", "median ms", "MB")
	for i, name := range []string{"ours, unrolled", "PyTorch, unrolled", "ours, implicit after K"} {
		memory := []float64{ours, hello.Grown, allocated(func() { implicit() })}[i]
		fmt.Printf("%-28s %10.2f %10.2f %10.3f\n", name, 1e3*times[i].Min(), 1e3*times[i].Median(), memory/1e6)
	}
	fmt.Println()
	ratios.Add("hypergradient", times[1].Median()/times[0].Median())
	ratios.Add("hypergradient_implicit", times[1].Median()/times[2].Median())
	ratios.Add("hypergradient_memory", hello.Grown/ours)
	return nil
}

// allocated returns the bytes that work allocates.
func allocated(work func()) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	work()
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc - before.TotalAlloc)
}
