package eval

import (
	"bytes"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/l2o/bilevel"
	"unroll/l2o/denoise"
	"unroll/l2o/linop"
)

// A small study learns its parameters, runs from the file that they are saved in, and writes what it promises.
func TestRetuneStudy(t *testing.T) {
	s := NewRetune()
	s.Tasks, s.Family, s.Size, s.Images, s.Train, s.Epochs, s.T = "noise,inpaint-0.9", "A", 32, 3, 2, 2, 2
	var log strings.Builder
	learned, saved := &RetuneWeights{}, 0
	if err := s.Learn(learned, &log, func() error { saved++; return nil }); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(log.String(), "factor of a block"); n != 2*3*3 {
		t.Errorf("%d epochs in the log, want those of two tasks, three gradients\n%s", n, log.String())
	}
	if saved != 2*3 {
		t.Errorf("saved %d times", saved)
	}
	f, err := learned.File(s)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "retune.gob")
	if err := checkpoints.Save(path, f); err != nil {
		t.Fatal(err)
	}
	if f, err = checkpoints.Open(path); err != nil {
		t.Fatal(err)
	}
	weights, err := NewRetuneWeights(f)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Run(weights)
	if err != nil {
		t.Fatal(err)
	}
	checkBias(t, r.Bias)
	if len(r.Costs) != 5 || r.Costs[1].States != s.K || r.Costs[3].States != s.K*(s.T+1) || !(r.Costs[0].Error < 1e-6) {
		t.Errorf("costs %+v", r.Costs)
	}
	for i, layers := range map[int]int{1: s.K*s.T + 2*s.K, 2: s.K*s.T + 4*s.K, 3: 2 * s.K * (s.T + 1), 4: 2 * s.K} { // two products more for three terms
		if r.Costs[i].Layers != layers {
			t.Errorf("%s runs %d layers, want %d", r.Costs[i].Name, r.Costs[i].Layers, layers)
		}
	}
	for _, c := range r.Costs { // what is this far from a vector leaves it by an angle whose sine is no more
		if sine := math.Sqrt(max(0, 1-c.Cosine*c.Cosine)); !(c.Cosine <= 1+1e-12) || !(sine <= c.Error+1e-7) {
			t.Errorf("%s is %g off the exact gradient, with a cosine of %g", c.Name, c.Error, c.Cosine)
		}
		if want := 8 * float64(c.States) * 3 * 32 * 32 / 1e6; math.Abs(c.Memory-want) > 1e-12 {
			t.Errorf("%s stores %d vectors in %g MB, want %g", c.Name, c.States, c.Memory, want)
		}
	}
	if len(r.Rows) != 2*len(retuneMethods) || len(r.Paired) != 2*5 {
		t.Errorf("%d rows and %d pairs", len(r.Rows), len(r.Paired))
	}
	for _, row := range r.Rows {
		if row.Method == "degraded" && row.Task == "noise" {
			// the noise's own: −10 log₁₀ mean(σ²), which is 10·log₁₀ of the mean over crops up to its spread
			if want := -10 * math.Log10((0.01+0.0625+0.25)/3); math.Abs(row.PSNR-want) > 0.2 {
				t.Errorf("noisy images have %.2f dB, want %.2f", row.PSNR, want)
			}
		}
		if !(row.CI.Lo <= row.PSNR && row.PSNR <= row.CI.Hi) {
			t.Errorf("%+v: not in its interval", row)
		}
	}
	dir := t.TempDir()
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
	for name, header := range map[string]string{"hypergradient.csv": "K,T,q,relative_error,bound\n", "psnr.csv": "task,family,method,psnr,lo,hi,memory_mb,seconds\n"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.HasPrefix(string(text), header) {
			t.Errorf("%s: %.60q (%v)", name, text, err)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "pictures-noise-A.png"))
	if err != nil {
		t.Fatal(err)
	}
	if m, err := png.Decode(bytes.NewReader(text)); err != nil || m.Bounds().Dx() != 8*(2*32+gutter)-gutter {
		t.Errorf("the picture is %v (%v)", m.Bounds(), err)
	}
}

// What was not learned with the exact gradient has no row for it, and a dash in the tables.
func TestRetuneWithoutExact(t *testing.T) {
	s := NewRetune()
	s.Part, s.Tasks, s.Family, s.Size, s.Images, s.T = "psnr", "noise,blur-0.1", "A", 32, 2, 1
	l := &RetuneWeights{map[string][]float64{}}
	everyFamily(t, s, func(task imagingTask, f imagingFamily, _ spoiled, layout *bilevel.Layout, _ bilevel.Instance) {
		for _, way := range []string{byGrid, byTruncated, byReTune, byImplicit} {
			if way != byImplicit || task.Name == "blur-0.1" {
				l.params[nameOf(task, f, way)] = layout.Start()
			}
		}
	})
	r, err := s.Run(l)
	if err != nil {
		t.Fatal(err)
	}
	if n, pairs := len(retuneMethods), len(retuneComparisons); len(r.Rows) != 2*n-1 || len(r.Paired) != 2*pairs-1 {
		t.Errorf("%d rows and %d pairs", len(r.Rows), len(r.Paired))
	}
	table := r.psnrSection().Table.Rows
	if last := table[len(table)-1]; last[0] != "exact implicit" || last[1] != "–" || last[2] == "–" {
		t.Errorf("the last row of methods is %q", last)
	}
	if row := r.pairedSection().Table.Rows[0]; row[4] != "–" || row[3] == "–" || row[5] == "–" {
		t.Errorf("the first row of pairs is %q", row)
	}
	if c := r.Pictures[0].Caption; strings.Contains(c, "exact") || !strings.Contains(r.Pictures[1].Caption, "exact") {
		t.Errorf("the caption %q", c)
	}
	if len(r.Pictures) != 2 || bytes.Equal(r.Pictures[0].PNG, r.Pictures[1].PNG) {
		t.Errorf("%d pictures", len(r.Pictures))
	}
}

// checkBias holds every gradient at the equilibrium to its bound, and the fall over T to the expected line.
func checkBias(t *testing.T, b *retuneBias) {
	t.Helper()
	for _, row := range b.OverK {
		if q := math.Pow(row.Q, float64(row.K)); math.Abs(row.Bound-q/(1-q)) > 1e-9*row.Bound {
			t.Errorf("K = %d: the bound at q = %g is %g, want %g", row.K, row.Q, row.Bound, q/(1-q))
		}
		if !(row.Error <= row.Bound) {
			t.Errorf("K = %d: error %.3g above the bound %.3g", row.K, row.Error, row.Bound)
		}
	}
	ten, falls := b.OverT[slices.IndexFunc(b.OverT, func(row biasRow) bool { return row.T == 10 })], 0
	for _, row := range b.OverT {
		if row.T < 4 || row.T == 10 || row.Away < 1e-12 {
			continue // the slowest direction has not taken over, the point that both go through, rounding
		}
		fall, expected := math.Log(row.Away/ten.Away), math.Log(row.Expected/ten.Expected)
		if falls++; math.Abs(fall/expected-1) > 0.1 {
			t.Errorf("T = %d: e^%.3g of what T = 10 has is left of the distance to the gradient at the equilibrium, expected e^%.3g", row.T, fall, expected)
		}
	}
	if falls < 4 {
		t.Errorf("%d falls of the distance over T are compared", falls)
	}
	if b.Layers < 2 || b.Restart < 1 || !(b.Factor < 1) {
		t.Errorf("K = %d, T = %d at a factor of %g", b.Layers, b.Restart, b.Factor)
	}
	if q, before := math.Pow(b.Factor, float64(b.Layers)), math.Pow(b.Factor, float64(b.Layers-1)); q/(1-q) > 0.1 || before/(1-before) <= 0.1 {
		t.Errorf("K = %d is not the smallest for a bias of a tenth at a factor of %g", b.Layers, b.Factor)
	}
}

// everyFamily calls check with one instance of every family on every task.
func everyFamily(t *testing.T, s Retune, check func(task imagingTask, f imagingFamily, in spoiled, l *bilevel.Layout, one bilevel.Instance)) {
	t.Helper()
	images, err := s.source()
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range imagingTasks {
		spoiled, err := s.spoil(task, images, data.Train, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range imagingFamilies {
			layout, in, err := s.prepare(task, f, spoiled)
			if err != nil {
				t.Fatal(err)
			}
			check(task, f, spoiled[0], layout, in[0])
		}
	}
}

// The embedded parameters are as many as their tasks and families have.
func TestEmbeddedParametersFit(t *testing.T) {
	f, err := checkpoints.Open("retune")
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewRetuneWeights(f)
	if err != nil {
		t.Fatal(err)
	}
	s := NewRetune()
	s.Size = 32
	found := 0
	everyFamily(t, s, func(task imagingTask, f imagingFamily, _ spoiled, l *bilevel.Layout, _ bilevel.Instance) {
		for _, way := range []string{byGrid, byReTune, byTruncated, byImplicit} {
			if theta, ok := w.params[nameOf(task, f, way)]; ok {
				if found++; len(theta) != len(l.Start()) {
					t.Errorf("%s has %d parameters, want %d", nameOf(task, f, way), len(theta), len(l.Start()))
				}
			}
		}
	})
	if want := 6*4 + 2*6*3 + 6*3 + 2*3; found != want { // A, A12 and B, B-net, C
		t.Errorf("%d learned vectors, want %d", found, want)
	}
}

// Every family has a layer for every task, whose gradient is finite.
func TestRetuneFamilies(t *testing.T) {
	s := NewRetune()
	s.Size, s.K = 32, 2
	everyFamily(t, s, func(task imagingTask, f imagingFamily, in spoiled, l *bilevel.Layout, one bilevel.Instance) {
		g := bilevel.ReTune{K: 2, T: 1}.Gradient(one, l.Start())
		for j, v := range g.Slope {
			if v-v != 0 {
				t.Fatalf("%s %s: slope %d is %v", task.Name, f.Name, j, v)
			}
		}
		if back := f.image(one.Star, one, in.shape); math.Sqrt(distance2(back, in.truth)) > 1e-9 {
			t.Errorf("%s %s: the image of the truth's state is another", task.Name, f.Name)
		}
	})
}

// In the units of its bands a blur has norm one, and all of its bands the same; what is least for a penalty stays where it was.
func TestRetuneUnits(t *testing.T) {
	task, f, s := imagingTasks[4], imagingFamilies[0], NewRetune()
	shape := linop.Shape{C: channels, H: s.Size, W: s.Size}
	w, err := linop.NewWavelet(shape, levels)
	if err != nil {
		t.Fatal(err)
	}
	a, err := task.blur(shape)
	if err != nil {
		t.Fatal(err)
	}
	units, err := f.units(task, w)
	if err != nil {
		t.Fatal(err)
	}
	norm := func(units []float64) float64 {
		op, err := synthesis(a, w, units)
		if err != nil {
			t.Fatal(err)
		}
		return linop.Norm(op)
	}
	if n := norm(units); math.Abs(n-1) > 1e-3 {
		t.Errorf("the whole has norm %g", n)
	}
	first := 0.0
	for b, c := range units {
		one := make([]float64, len(units))
		one[b] = c
		n := norm(one)
		if b == 0 {
			first = n
		}
		if math.Abs(n/first-1) > 1e-2 {
			t.Errorf("band %d has norm %g, the first one %g", b, n, first)
		}
	}
	images, err := s.source()
	if err != nil {
		t.Fatal(err)
	}
	spoiled, err := s.spoil(task, images, data.Train, 1)
	if err != nil {
		t.Fatal(err)
	}
	solve := func(units []float64) []float64 {
		layout, err := f.layout(task, s.K, w, units)
		if err != nil {
			t.Fatal(err)
		}
		in, err := f.instance(task, spoiled[0], layout, units)
		if err != nil {
			t.Fatal(err)
		}
		theta := layout.Start()
		for i, name := range layout.Names { // 0.1 of |u − Wᵀy|² in both, which is ρc² in units
			for _, kind := range []string{"ridge", "centre"} {
				if strings.HasPrefix(name, kind) {
					c := units[i-slices.Index(layout.Names, kind+"[0]")]
					theta[i] = math.Log(0.1 * c * c)
				}
			}
		}
		return f.image(bilevel.Run(in.Step, theta, in.Start, s.K, 600), in, shape)
	}
	in, without := solve(units), solve(ones(len(units)))
	if d := math.Sqrt(distance2(in, without) / distance2(in, make([]float64, len(in)))); !(d < 1e-3) {
		t.Errorf("the solution in units is %g away from the one without", d)
	}
}

// Steps stay where the iteration is averaged, and a denoiser nonexpansive.
func TestRetuneProjection(t *testing.T) {
	net, err := denoiser()
	if err != nil {
		t.Fatal(err)
	}
	everyFamily(t, NewRetune(), func(task imagingTask, f imagingFamily, _ spoiled, l *bilevel.Layout, one bilevel.Instance) {
		norm := linop.Norm(one.Step.(*bilevel.ForwardBackward).A)
		theta := l.Start()
		for i := range theta {
			theta[i] *= 2
		}
		theta[0] = 5
		f.project(task, l, byTruncated)(theta)
		if tau := math.Exp(theta[0]); l.Names[0] != "tau" || !(tau*norm*norm < 2) || !(tau*norm*norm > 1.6) {
			t.Errorf("%s %s: τ = %g, ‖A‖² = %g", task.Name, f.Name, tau, norm*norm)
		}
		if weights := theta[len(l.Names):]; len(weights) > 0 {
			if c := (&denoise.Bound{Config: net.Config, Weights: weights}).Lipschitz(); c > 1+1e-9 {
				t.Errorf("%s %s: the denoiser's Lipschitz constant may be %g", task.Name, f.Name, c)
			}
		}
		f.project(task, l, byReTune)(theta)
		if f.transformed && theta[0] != math.Log(task.firstStep()) {
			t.Errorf("%s %s: the equilibrium's τ moves to %g", task.Name, f.Name, math.Exp(theta[0]))
		}
	})
}

func TestRetuneBadInput(t *testing.T) {
	empty, notes := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(notes, "a.png"), []byte("no image"), 0o644); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(s *Retune){
		"K=0": func(s *Retune) { s.K = 0 }, "T=0": func(s *Retune) { s.T = 0 }, "images=1": func(s *Retune) { s.Images = 1 },
		"size=16": func(s *Retune) { s.Size = 16 }, "size=40": func(s *Retune) { s.Size = 40 }, "part=x": func(s *Retune) { s.Part = "x" },
		"tasks=fog": func(s *Retune) { s.Tasks = "noise,fog" }, "family=D": func(s *Retune) { s.Family = "D" }, "epochs=0": func(s *Retune) { s.Epochs = 0 },
		"train=1": func(s *Retune) { s.Train = 1 }, "workers=-1": func(s *Retune) { s.Workers = -1 },
		"no image: there": func(s *Retune) { s.Data = empty }, "a.png: no image": func(s *Retune) { s.Data = notes },
		"not a readable folder": func(s *Retune) { s.Data = filepath.Join(empty, "none") },
	} {
		s := NewRetune()
		spoil(&s)
		if _, err := s.Run(&RetuneWeights{}); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want one line with %q", err, want)
		}
	}
	s := NewRetune()
	s.Part, s.Family = "psnr", "A"
	if _, err := s.Run(&RetuneWeights{}); err == nil || !strings.Contains(err.Error(), `no parameters "noise/A/grid"`) {
		t.Errorf("error %v without parameters", err)
	}
	if _, err := NewRetuneWeights(&checkpoints.File{Config: []byte("{}")}); err == nil || !strings.Contains(err.Error(), "no parameters of the study") {
		t.Errorf("error %v for another checkpoint", err)
	}
}
