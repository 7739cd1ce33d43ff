package eval

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/l2o/lista"
)

// promptSolver is an untrained solver with the constants of ISTA, as its checkpoint says it.
func promptSolver(t *testing.T, method string, n int, fixed bool, support int) PromptSolver {
	t.Helper()
	d := law
	d.N, d.FixedX, d.Support = n, fixed, support
	c := lista.Config{Method: method, K: 3, M: d.N, N: d.D, Lambda: 0.05, Normalise: true, Precision: lista.Float64}
	raw, err := json.Marshal(map[string]any{"data": d, "lista": c, "plan": map[string]any{"seed": 5}})
	if err != nil {
		t.Fatal(err)
	}
	name := method
	if support > 0 {
		name += "-prior"
	}
	s, err := NewPromptSolver(name, &checkpoints.File{Config: raw, Params: c.Init(d.Draw(5, data.Test, 0, 1).X)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func smallClaims(t *testing.T) (Claims, []Flagship, []PromptSolver) {
	all := flagships(t)
	all[1].Subject.Data.N, all[1].Subject.shortest = 8, 3
	c := NewClaims(all[0].Subject)
	c.Prompts, c.Validation, c.Matrices, c.Workers = 80, 20, 4, 2
	return c, all, []PromptSolver{promptSolver(t, lista.LISTA, 6, true, 0), promptSolver(t, lista.LISTACP, 4, true, 4),
		promptSolver(t, lista.LISTACP, 4, true, 0), promptSolver(t, lista.LISTAVM, 6, false, 0), promptSolver(t, lista.LISTAVM, 6, false, 4)}
}

// Every claim gets a verdict with its numbers, the same for any number of workers.
func TestClaimsStudy(t *testing.T) {
	c, all, solvers := smallClaims(t)
	r, err := c.Run(all, solvers)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]string{{"N = 6", "FISTA"}, {"lista:", "lista-vm:", "one:", "two:"}, {"lista-vm-prior", "lista-cp-prior, one matrix", "ISTA"},
		{"two, trained on 3 to 8 pairs", "N = 12"}} {
		f := r.Findings[i]
		for _, w := range want {
			if !strings.Contains(f.Why, w) {
				t.Errorf("%s: %s (%s), want %q in it", f.Claim, f.Verdict, f.Why, w)
			}
		}
		if f.Verdict != "holds" && f.Verdict != "does not hold" {
			t.Errorf("%s: %s", f.Claim, f.Verdict)
		}
	}
	if len(r.Findings) != 4 {
		t.Errorf("%d findings", len(r.Findings))
	}
	c.Workers = 1
	again, err := c.Run(all, solvers)
	if err != nil {
		t.Fatal(err)
	}
	again.Study.Workers = 2
	if !reflect.DeepEqual(again, r) {
		t.Error("one worker and two found different numbers")
	}
	if err := r.Write(t.TempDir()); err != nil {
		t.Error(err)
	}
}

// What is not at hand is said not to be measured, and what is not a network of the setting is refused.
func TestClaimsWithoutSolvers(t *testing.T) {
	c, all, _ := smallClaims(t)
	c.Prompts = 10
	r, err := c.Run(all[:1], nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		if f.Verdict != "not measured" {
			t.Errorf("%s: %s", f.Claim, f.Verdict)
		}
	}
	c.Data.D++
	if _, err := c.Run(all, nil); err == nil || !strings.Contains(err.Error(), "no network reads d=9") {
		t.Errorf("error %v", err)
	}
	c.Matrices = 1
	if _, err := c.Run(all, nil); err == nil || !strings.Contains(err.Error(), "matrices=1") {
		t.Errorf("error %v", err)
	}
}

// A method at −10 dB at home and −4 elsewhere, where ISTA goes from −3 to −2, has lost 5 dB more than ISTA.
func TestChangeByHand(t *testing.T) {
	at := func(db float64) level { return level{"", db, []float64{db, db + 1}} }
	d := elsewhere{home: at(-10), others: at(-4), istaHome: at(-3), istaOut: at(-2)}.change()
	if math.Abs(d.DB-5) > 1e-12 || math.Abs(d.CI.Lo-5) > 1e-12 || math.Abs(d.CI.Hi-5) > 1e-12 {
		t.Errorf("change %+v, want 5", d)
	}
	s := newSheet(matrix{2, 2, []float64{1, 10, 3, 30}}, bootstrap{1, 1})
	if l := s.level("m", 0); math.Abs(l.db+10) > 1e-12 || math.Abs(percentiles(l.replicates).Lo+10) > 1e-12 {
		t.Errorf("level %+v, want −10 dB in every replicate", l.db)
	}
}

// A bound solver takes the prompts of its length alone, one for any matrix takes all, and one with a prior those where it holds.
func TestContestantsOfALaw(t *testing.T) {
	_, _, solvers := smallClaims(t)
	names := func(change func(d *data.SparseRecovery)) (names []string) {
		d := law
		change(&d)
		for _, c := range contestants(solvers, d, 3) {
			names = append(names, c.Name)
		}
		return names
	}
	for i, c := range []struct {
		change func(d *data.SparseRecovery)
		want   []string
	}{
		{func(*data.SparseRecovery) {}, []string{"lista", "lista-vm"}},
		{func(d *data.SparseRecovery) { d.N, d.Support = 4, 4 }, []string{"lista-cp-prior", "lista-cp", "lista-vm", "lista-vm-prior"}},
		{func(d *data.SparseRecovery) { d.N++ }, []string{"lista-vm"}},
		{func(d *data.SparseRecovery) { d.N++; d.Support = 4 }, []string{"lista-vm", "lista-vm-prior"}},
		{func(d *data.SparseRecovery) { d.Support = 5 }, []string{"lista", "lista-vm"}},
	} {
		if got := names(c.change); !slices.Equal(got, c.want) {
			t.Errorf("law %d: %v, want %v", i, got, c.want)
		}
	}
	for raw, want := range map[string]string{`{}`: "no learned solver", `{"lista":{"method":"lista-vm","K":1,"m":1,"n":1,"lambda":1,"precision":"float64"}}`: "parameter"} {
		if _, err := NewPromptSolver("x", &checkpoints.File{Config: []byte(raw)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v", raw, err)
		}
	}
}

// Methods of different lengths stand in one list, each where its length has it.
func TestMethodsOfAllLengths(t *testing.T) {
	of := func(names ...string) *DecayResult {
		r := &DecayResult{}
		for _, n := range names {
			r.Curves = append(r.Curves, Curve{Method: n})
		}
		return r
	}
	r := &FlagshipsResult{Lengths: []*DecayResult{of("a", "x", "i", "l"), of("a", "y", "i", "l"), of("a", "i", "l", "e")}}
	if got, want := r.methods(), []string{"a", "y", "x", "i", "l", "e"}; !slices.Equal(got, want) {
		t.Errorf("methods %v, want %v", got, want)
	}
}

// A method that diverges is drawn at the ceiling and told of in the caption; the table keeps its numbers.
func TestFigureHasACeiling(t *testing.T) {
	r := smallResult(t)
	last := len(r.Curves[1].Layers) - 1
	r.Curves[1].Layers[last].NMSE, r.Curves[1].Layers[last].NMSECI = 80, Interval{70, 90}
	f := r.figure()
	if l := f.Lines[1]; l.Y[last] != ceiling || l.Hi[last] != ceiling || !strings.Contains(f.Caption, "transformer-untrained leaves the figure and ends at 80.0 dB") {
		t.Errorf("drawn at %g, caption %q", l.Y[last], f.Caption)
	}
}
