package eval

import (
	"math"
	"slices"
	"strings"
	"testing"

	"unroll/data"
	"unroll/l2o/bilevel"
)

// doubling is the layer 2u + 1 + k, which tells its place k in the block and how often it has run: from 0 a block of two goes to 4, and two to 20.
type doubling struct{}

func (doubling) Dims() (n, p int)                                   { return 1, 1 }
func (doubling) Apply(dst, u, _ []float64, k int)                   { dst[0] = 2*u[0] + 1 + float64(k) }
func (doubling) Tangent(dst, _, _ []float64, _ int, t []float64)    { dst[0] = 2 * t[0] }
func (doubling) Adjoint(dst, _, _, _ []float64, _ int, w []float64) { dst[0] = 2 * w[0] }
func (doubling) instance() bilevel.Instance {
	return bilevel.Instance{Step: doubling{}, Start: []float64{0}, Star: []float64{0}}
}
func (doubling) after(blocks int) float64 { return 4 * (math.Pow(4, float64(blocks)) - 1) / 3 }

// Each method has the parameters and the layers of its name.
func TestRetuneMethods(t *testing.T) {
	s := NewRetune()
	s.K, s.T = 2, 1
	var d doubling
	one, full, fifty := d.after(1), d.after(2), d.after(51)
	want := map[string]map[string]float64{
		"":          {"degraded": 0, "not learned": full},
		byGrid:      {"grid-searched": full},
		byTruncated: {"truncated unrolling": one, "truncated, restarted": full, "truncated, restarted 50": fifty},
		byReTune:    {"ReTune, one step": 1, "ReTune, no restart": one, "ReTune": full, "ReTune, restarted 50": fifty},
		byImplicit:  {"exact implicit": full},
	}
	methods := 0
	for way, of := range want {
		seen := 0
		s.visit(d.instance(), []float64{0}, way, func(m int, u []float64) {
			name := retuneMethods[m].Name
			if v, ok := of[name]; !ok || math.Abs(u[0]-v) > 1e-12*v {
				t.Errorf("%q with the parameters of %q is at %g, want %g", name, way, u[0], v)
			}
			seen++
		})
		if seen != len(of) {
			t.Errorf("%d methods have the parameters of %q, want %d", seen, way, len(of))
		}
		methods += seen
	}
	if methods != len(retuneMethods) {
		t.Errorf("%d of %d methods are visited", methods, len(retuneMethods))
	}
}

// Methods that differ by a constant on every crop have intervals of their own from the spread of crops, and of no width for their difference;
// what is wanted of it holds up to what shows as none.
func TestRetunePairs(t *testing.T) {
	const crops = 64
	s := NewRetune()
	s.K, s.T = 2, 1
	theta := map[string][]float64{"": {0}, byGrid: {0}, byTruncated: {0}, byReTune: {0}, byImplicit: {0}}
	for _, c := range []struct {
		above map[string]float64 // dB over the crop's own, 0 where there is none
		want  []pairedRow        // of differences in dB and whether they hold
	}{
		{map[string]float64{"ReTune": 1, "truncated unrolling": 1.001, "grid-searched": 1.0004, "exact implicit": 1.101, "ReTune, restarted 50": 1.051, "truncated, restarted 50": -3},
			[]pairedRow{{DB: -0.001, Holds: "no"}, {DB: -0.0004, Holds: "yes"}, {DB: -0.101, Holds: "no"}, {DB: 0.051, Holds: "no"}, {DB: -4.001}}},
		{map[string]float64{"ReTune": 1, "truncated unrolling": 0.5, "grid-searched": 1.001, "exact implicit": 1.1, "ReTune, restarted 50": 0.949, "truncated, restarted 50": 0.75},
			[]pairedRow{{DB: 0.5, Holds: "yes"}, {DB: -0.001, Holds: "no"}, {DB: -0.1, Holds: "yes"}, {DB: -0.051, Holds: "no"}, {DB: 0.25}}},
		{map[string]float64{"ReTune": 1, "truncated unrolling": 1, "grid-searched": 0, "exact implicit": -1, "ReTune, restarted 50": 1.05, "truncated, restarted 50": 1},
			[]pairedRow{{DB: 0, Holds: "yes"}, {DB: 1, Holds: "yes"}, {DB: 2, Holds: "yes"}, {DB: 0.05, Holds: "yes"}, {DB: 0}}},
	} {
		values := newMatrix(crops, len(retuneMethods))
		for i := range crops {
			for m := range retuneMethods {
				values.Row(i)[m] = 20 + float64(i%2*2) + c.above[retuneMethods[m].Name]
			}
		}
		r := &RetuneResult{}
		s.summarise(imagingTasks[0], imagingFamilies[0], values, doubling{}.instance(), theta, r)
		for m, row := range r.Rows {
			// crops are 20 and 22 in turn: the mean's standard error is 1/8
			width := row.CI.Hi - row.CI.Lo
			if above := c.above[row.Method]; row.Method != retuneMethods[m].Name || math.Abs(row.PSNR-21-above) > 1e-9 || math.Abs(width-2*1.96/8) > 0.08 {
				t.Errorf("%+v, want 21 dB and %g, and an interval of 0.49", row, above)
			}
		}
		for i, name := range []string{"ReTune − truncated unrolling", "ReTune − grid-searched", "ReTune − exact implicit", "ReTune, restarted 50 − ReTune",
			"truncated, restarted 50 − truncated unrolling"} {
			got, want := r.Paired[i], c.want[i]
			off := max(math.Abs(got.DB-want.DB), math.Abs(got.CI.Lo-want.DB), math.Abs(got.CI.Hi-want.DB))
			if got.Comparison != name || off > 1e-9 || got.Holds != want.Holds || (got.Want == "") != (want.Holds == "") {
				t.Errorf("%+v, want %s to be %g everywhere, holding: %q", got, name, want.DB, want.Holds)
			}
		}
	}
}

// What is measured is measured on crops for tests, each once, and no other.
func TestRetuneMeasuresTestCrops(t *testing.T) {
	s := NewRetune()
	s.Tasks, s.Family, s.Size, s.Images, s.Train, s.K, s.T = "noise", "A", 32, 2, 5, 1, 1
	l := &RetuneWeights{map[string][]float64{}}
	images, err := s.source()
	if err != nil {
		t.Fatal(err)
	}
	task, f := imagingTasks[0], imagingFamilies[0]
	spoiled, err := s.spoil(task, images, data.Train, 1)
	if err != nil {
		t.Fatal(err)
	}
	layout, _, err := s.prepare(task, f, spoiled)
	if err != nil {
		t.Fatal(err)
	}
	for _, way := range []string{byGrid, byTruncated, byReTune} {
		l.params[nameOf(task, f, way)] = layout.Start()
	}
	l.params["noise/A/retune/q"], l.params["noise/A/retune/psnr"] = []float64{0.5}, []float64{30}
	var drawn []uint64
	counted := &imageSource{"", func(split data.Split, i uint64) data.Image {
		if split != data.Test {
			t.Errorf("crop %d of split %d is measured", i, split)
		}
		drawn = append(drawn, i)
		return images.draw(split, i)
	}}
	r := &RetuneResult{}
	if err := s.measure(counted, l, r); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(drawn, []uint64{0, 1}) {
		t.Errorf("crops %d are measured", drawn)
	}
	if len(r.Learned) != 1 || r.Learned[0].Q[0] != 0.5 || r.Learned[0].PSNR[0] != 30 || r.Learned[0].Way != byReTune {
		t.Errorf("a descent told %+v", r.Learned)
	}
	delete(l.params, "noise/A/retune")
	if err := s.measure(counted, l, r); err == nil || !strings.Contains(err.Error(), `"noise/A/retune"`) {
		t.Errorf("error %v where what is asked for was not learned", err)
	}
}
