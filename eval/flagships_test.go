package eval

import (
	"strconv"
	"strings"
	"testing"

	"unroll/model"
)

// flagships are two untrained networks under other names.
func flagships(t *testing.T) (all []Flagship) {
	t.Helper()
	for i, name := range []string{"one", "two"} {
		c := model.Config{D: law.D, K: 3, Heads: 1, Width: 3*law.D + 4, Hidden: 6 * law.D, Embedding: model.Paired, Attention: model.Linear,
			Normalise: true, Saturate: 4, Start: model.Construction, Tau: 1, Theta: 0.02, Momentum: i == 1, Precision: model.Float64}
		bound, err := model.New(c, c.Init(1))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, Flagship{name, &Subject{Name: name, Data: law, Seed: 3, Trained: bound, Untrained: bound}})
	}
	return all
}

// Each length is the decay study of that length, and curves.csv has all of them, N first.
func TestFlagshipsAreDecayAtEveryLength(t *testing.T) {
	all := flagships(t)
	f := NewFlagships(all[0].Subject)
	f.Lengths, f.Prompts, f.Validation = []int{law.S + 2, law.S + 5}, 60, 20
	r, err := f.Run(all, nil)
	if err != nil {
		t.Fatal(err)
	}
	csv := string(r.lengthsSection().full.csv())
	for i, n := range f.Lengths {
		d := f.Decay
		d.Data.N = n
		d.Exact = true
		alone, err := d.Run([]Contestant{{"one", all[0].Subject.Trained}, {"two", all[1].Subject.Trained},
			{"one-untrained", all[0].Subject.Untrained}, {"two-untrained", all[1].Subject.Untrained}})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := r.Lengths[i].curvesCSV().String(), alone.curvesCSV().String(); got != want || r.Lengths[i].Hash != alone.Hash {
			t.Errorf("N = %d is not the decay study at that N", n)
		}
		for _, row := range alone.curvesCSV().Rows {
			if line := strings.Join(append([]string{strconv.Itoa(n)}, row...), ","); !strings.Contains(csv, line) {
				t.Errorf("curves.csv lacks %q", line)
			}
		}
	}
	if last := r.Lengths[0].Curves[len(r.Lengths[0].Curves)-1]; last.Method != exactName || last.Last().Mean > 1e-16 {
		t.Errorf("the last curve is %s at %g, want the exact limit", last.Method, last.Last().Mean)
	}
	if err := r.Write(t.TempDir()); err != nil {
		t.Error(err)
	}
}

// A network of another dimension takes no part, and where none is left the error says what was looked for.
func TestFlagshipsOfAnotherSetting(t *testing.T) {
	all := flagships(t)
	f := NewFlagships(all[0].Subject)
	f.Data.D++
	if _, err := f.Run(all, nil); err == nil || !strings.Contains(err.Error(), "no network reads") {
		t.Errorf("error is %v", err)
	}
}
