package main

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unroll/bench/internal/peer"
	"unroll/l2o"
	"unroll/l2o/linop"
)

// By hand: A = [1 0; 0 2], y = (2, 2), λ = 1. The minimiser is (1, ¾): Aᵀr = (1, 1) and the gap is 0. At x = (1, 1) the residual is (1, 0),
// nothing is shrunk, and the gap is λ|x₂| = 1, of F(0) = 4. At 0 the residual is y, Aᵀy = (2, 4), shrunk by ¼: ½·(¾)²·8 = 9/4.
func TestGapByHand(t *testing.T) {
	s := instance{a: &linop.ColMajor{M: 2, N: 2, Data: []float64{1, 0, 0, 2}}, y: []float64{2, 2}}
	for _, c := range []struct {
		x    []float64
		want float64
	}{{[]float64{1, 0.75}, 0}, {[]float64{1, 1}, 0.25}, {[]float64{0, 0}, 9.0 / 16}} {
		if got := s.gap(1, c.x); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("gap of %v is %v, want %v", c.x, got, c.want)
		}
	}
}

// The judge and the library's certificate, written apart, agree.
func TestGapAgreesWithTheCertificate(t *testing.T) {
	s := design{30, 50, 0.6}.instance()
	p := s.problem(0.1 * s.top)
	solution, err := l2o.Solve(l2o.FISTA{}, p, l2o.Stop{MaxIter: 25, Gap: 1e-15})
	if err != nil {
		t.Fatal(err)
	}
	if ours, theirs := s.gap(0.1*s.top, solution.X), solution.RelativeGap; math.Abs(ours/theirs-1) > 1e-9 {
		t.Errorf("gap %v, in the certificate %v", ours, theirs)
	}
}

// Columns have unit variance and neighbours the correlation; the signal has its ratio to the noise.
func TestDraw(t *testing.T) {
	for _, correlation := range correlations {
		d := design{2000, 40, correlation}
		a, _ := d.draw()
		var squares, products float64
		for j := 1; j < d.n; j++ {
			left, right := a.Data[(j-1)*d.m:j*d.m], a.Data[j*d.m:(j+1)*d.m]
			squares += dot(right, right) / float64(d.m*(d.n-1))
			products += dot(left, right) / float64(d.m*(d.n-1))
		}
		if math.Abs(squares-1) > 0.02 || math.Abs(products-correlation) > 0.02 {
			t.Errorf("variance %.3f, correlation %.3f, want 1 and %g", squares, products, correlation)
		}
	}
	if a, y := (design{10, 20, 0.6}).draw(); a.Data[0] == 0 || len(y) != 10 {
		t.Errorf("%v, %v", a.Data[0], y)
	}
}

// A rival that halves its gap for each half decade of tolerance is asked for the loosest one for each target; one that stands still is given up.
func TestLoosest(t *testing.T) {
	if _, err := os.Stat(peer.Python); err != nil {
		t.Skip("no peer in Python; apt-get install python3: ", err)
	}
	folder := t.TempDir()
	var hello struct{}
	p, err := peer.Start(`
import struct
def fit(floor, tol):
    global spent
    spent = 1 / float(tol)
    open(sys.argv[1] + "/x", "wb").write(struct.pack("<d", max(float(floor), float(tol))))
    return 0
serve({}, {"fit": fit, "solution": lambda: spent})
`, "", 1, &hello, folder)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	r := &rival{Process: p, folder: folder, limit: 1e20, tolerances: []float64{1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13}}
	r.limit = 5e2 // what took 1e3 s, with the tolerance 1e-3, is over
	limited, err := r.loosest([]float64{1e-2, 5e-4, 1e-8}, func(x []float64) float64 { return x[0] }, "fit", 1e-5)
	if err != nil || limited[0].over || !limited[1].over || limited[1].seconds != 5e2 || limited[2].tol != 1e-3 || limited[2].raced() {
		t.Errorf("with a limit %v, %v", limited, err)
	}
	r.limit = 1.5 // below what counts as slow: what is over is not measured again all the same
	if limited, err = r.loosest([]float64{1e-2}, func(x []float64) float64 { return x[0] }, "fit", 1e-5); err != nil || !limited[0].over || limited[0].raced() {
		t.Errorf("with a low limit %v, %v", limited, err)
	}
	r.limit = 1e20
	found, err := r.loosest([]float64{1e-2, 5e-4, 1e-8}, func(x []float64) float64 { return x[0] }, "fit", 1e-5)
	if err != nil || found[0].tol != 1e-2 || found[1].tol != 1e-4 || found[2].tol != 0 || found[1].seconds != 1e4 {
		t.Errorf("tolerances %v, %v; want 0.01, 0.0001 and none", found, err)
	}
	raw, err := os.ReadFile(filepath.Join(folder, "x"))
	if err != nil || math.Float64frombits(binary.LittleEndian.Uint64(raw)) != 1e-5 {
		t.Errorf("the last answer is %v, %v", raw, err)
	}
}

func TestGaps(t *testing.T) {
	if got, err := gaps("1e-4,1e-6"); err != nil || len(got) != 2 || got[1] != 1e-6 {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "1", "0", "1e-6,1e-4", "1e-6,", "NaN", "x"} {
		if got, err := gaps(bad); err == nil {
			t.Errorf("%q is read as %v", bad, got)
		}
	}
}

func TestSummary(t *testing.T) {
	var ratios peer.Ratios
	peers := []*rival{{name: "one"}, {name: "two"}}
	summary(&ratios, "grid", 1e-6, peers, []result{
		{ours: peer.Times{1}, peers: []peer.Times{{8}, nil}}, {ours: peer.Times{2}, peers: []peer.Times{{1}, nil}},
	})
	var b strings.Builder
	ratios.Print(&b)
	if want := "ratio one_over_ours_grid_1e-06 2\nratio one_over_ours_grid_1e-06_least 0.5\nratio one_over_ours_grid_1e-06_cells 2\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
}

func TestPlot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lasso.svg")
	err := plotTo(path, []*rival{{name: "one"}}, []result{
		{shape: shapes[0], target: 1e-4, ours: peer.Times{1}, peers: []peer.Times{{2}}},
		{shape: shapes[0], target: 1e-6, ours: peer.Times{3}, peers: []peer.Times{nil}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if svg, err := os.ReadFile(path); err != nil || !strings.Contains(string(svg), "one 100×10000") {
		t.Errorf("%v in %.200s", err, svg)
	}
}

// The path of 4 columns has 40 breakpoints above 0, and the λ in the middle is one of them: a homotopy passes 20 until there.
func TestLongestPath(t *testing.T) {
	s, lambda, pieces := longestPath(4)
	path, err := l2o.Homotopy{}.Path(s.problem(0))
	if err != nil || len(path) != 41 || pieces != 20 || path[19].Lambda != lambda {
		t.Fatalf("%d breakpoints, %d pieces, λ = %g, %v", len(path), pieces, lambda, err)
	}
	solution, err := l2o.Solve(l2o.CD{}, s.problem(lambda), l2o.Stop{Gap: 1e-10})
	if err != nil || !(s.gap(lambda, solution.X) <= 1e-10) {
		t.Errorf("gap %g, %v", s.gap(lambda, solution.X), err)
	}
}
