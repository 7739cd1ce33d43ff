package eval

import (
	"bytes"
	"image/color"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"

	"unroll/l2o/bilevel"
	"unroll/l2o/linop"
)

// told is a result of numbers that are all different, so that each shows where it went.
func told() *RetuneResult {
	s := NewRetune()
	s.Images, s.T = 2, 1
	return &RetuneResult{
		Study: s, Images: "made images",
		Bias: &retuneBias{Setting: "by hand", Layers: 7, Restart: 9, Factor: 0.5,
			OverK: []biasRow{{K: 2, T: 200, Q: 0.5, Error: 0.125, Bound: 0.25, Share: 0.75}},
			OverT: []biasRow{{K: 5, T: 3, Q: 0.875, Error: 0.0625, Bound: 1.5, Away: 0.01, Expected: 0.02}}},
		Rows: []psnrRow{
			{"noise", "A", "degraded", 11, Interval{10, 12.5}, 0, 0},
			{"noise", "A", "ReTune", 21, Interval{20, 22.5}, 0.25, 0.0078},
		},
		Paired: []pairedRow{
			{"noise", "A", "ReTune − truncated unrolling", 0.25, Interval{0.125, 0.5}, "≥ 0", "yes"},
			{"noise", "A", "ReTune − exact implicit", -0.5, Interval{-0.75, -0.25}, "≥ −0.1", "no"},
		},
		Learned: []retuneLearned{
			{"noise", "A", byTruncated, []float64{0.25, 1.5, 0.75}, []float64{20, 21, 22}},
			{"noise", "A", byImplicit, []float64{0.5}, []float64{23}},
			{"noise", "A", byReTune, []float64{0.25, 1}, []float64{24, 25}},
		},
		Left: []string{"blur-0.1 C"},
	}
}

// Every file beside the report has the columns that it promises, in their order, with the numbers that belong in them.
func TestRetuneTables(t *testing.T) {
	got := map[string]string{}
	shown := map[string]Section{}
	for _, s := range told().sections() {
		got[s.CSVName], shown[s.CSVName] = string(s.data().csv()), s
	}
	for name, want := range map[string]string{
		"hypergradient.csv": "K,T,q,relative_error,bound\n2,200,0.5,0.125,0.25\n5,3,0.875,0.0625,1.5\n",
		"restarts.csv":      "T,to the exact gradient,to that at the equilibrium,predicted\n3,0.0625,0.0100,0.0200\n",
		"psnr.csv": "task,family,method,psnr,lo,hi,memory_mb,seconds\n" +
			"noise,A,degraded,11.000,10.000,12.500,0.0000,0.0000\nnoise,A,ReTune,21.000,20.000,22.500,0.2500,0.0078\n",
		"paired.csv": "task,family,difference,dB,lo,hi,wanted,holds\n" +
			"noise,A,ReTune − truncated unrolling,0.250,0.125,0.500,≥ 0,yes\nnoise,A,ReTune − exact implicit,-0.500,-0.750,-0.250,≥ −0.1,no\n",
		"contraction.csv": "task,family,gradient,epoch,block's factor,bias bound,validation dB\n" +
			"noise,A,truncated,0,0.2500,0.333,20.000\nnoise,A,truncated,1,1.5000,none,21.000\nnoise,A,truncated,2,0.7500,3.00,22.000\n" +
			"noise,A,retune,0,0.2500,0.333,24.000\nnoise,A,retune,1,1.0000,none,25.000\n",
	} {
		if got[name] != want {
			t.Errorf("%s is\n%swant\n%s", name, got[name], want)
		}
	}
	for name, want := range map[string][]string{
		"hypergradient.csv": {"2", "0.5000", "0.125", "0.250", "0.750"},
		"paired.csv":        {"noise", "A", "0.25 [0.12, 0.50]", "–", "-0.50 [-0.75, -0.25]", "–", "–"},
		"contraction.csv":   {"noise", "A", "truncated", "0.2500", "0.7500", "3.00", "1.5000"}, // before, after, its bound, largest
	} {
		if row := shown[name].Table.Rows[0]; !slices.Equal(row, want) {
			t.Errorf("%s is shown as %q, want %q", name, row, want)
		}
	}
	for name, want := range map[string]string{
		"paired.csv":      "Not where they are wanted: noise A, ReTune − exact implicit.",
		"psnr.csv":        "left out: blur-0.1 C.",
		"contraction.csv": "for blurs it stands around what was observed",
	} {
		if text := strings.Join(shown[name].Paragraph, "\n"); !strings.Contains(text, want) {
			t.Errorf("the text of %s is %q, want one with %q", name, text, want)
		}
	}
}

// A mosaic has the truth first and every method that is pictured after it, colours as they are and what is beyond them cut off.
func TestRetuneMosaic(t *testing.T) {
	in := spoiled{shape: linop.Shape{C: 3, H: 1, W: 2}, truth: []float64{0, 1, 0.2, 0.4, 0.6, 0.8}}
	all := make([][]float64, len(retuneMethods))
	for m := range retuneMethods {
		switch retuneMethods[m].Name {
		case "degraded":
			all[m] = []float64{-1, 2, 0, 1, 0, 1}
		case "ReTune, restarted 50": // not pictured
			all[m] = in.truth
		}
	}
	r := mosaicRow(imagingTasks[0], imagingFamilies[0], in, all)
	m, err := png.Decode(bytes.NewReader(r.PNG))
	if err != nil {
		t.Fatal(err)
	}
	if b := m.Bounds(); b.Dx() != 2*4+gutter || b.Dy() != 2 || r.Name != "pictures-noise-A" || !strings.Contains(r.Caption, "From left to right: truth, degraded.") {
		t.Fatalf("%s of %v: %s", r.Name, b, r.Caption)
	}
	second := 4 + gutter
	for x, want := range map[int]color.RGBA{
		0: {0, 51, 153, 255}, 1: {0, 51, 153, 255}, 2: {255, 102, 204, 255}, 3: {255, 102, 204, 255}, 4: {255, 255, 255, 255},
		second: {0, 0, 0, 255}, second + 2: {255, 255, 255, 255},
	} {
		for y := range 2 {
			if got := color.RGBAModel.Convert(m.At(x, y)); got != want {
				t.Errorf("pixel (%d, %d) is %v, want %v", x, y, got, want)
			}
		}
	}
}

// The objective ½(u − 2)² + λ|u| is 2 at the start 0, and for λ = ½ it is ⅞ at its least, at 1.5; the first layer with τ = ½ goes to 0.75.
func TestRetuneDescents(t *testing.T) {
	shrink, err := bilevel.NewShrink([]int{0})
	if err != nil {
		t.Fatal(err)
	}
	layout := bilevel.NewLayout(2, 1).Step(0.5, true).Lambda("lambda", 1)
	step, err := bilevel.NewForwardBackward(&linop.Diagonal{D: []float64{1}}, []float64{2}, 0, shrink, layout)
	if err != nil {
		t.Fatal(err)
	}
	s := NewRetune()
	s.K, s.T = 2, 1
	at := func(lambda float64) []float64 { return []float64{math.Log(0.5), math.Log(lambda)} }
	d := s.descend(imagingTasks[0], imagingFamilies[0], bilevel.Instance{Step: step, Start: []float64{0}, Star: []float64{1}},
		map[string][]float64{byReTune: at(0.5), byTruncated: at(1), byGrid: at(0.25)})
	if d.Task != "noise" || d.Family != "A" || len(d.Lines) != 3 {
		t.Fatalf("%+v", d)
	}
	// λ, u_1 = ½(2 − λ) and the least objective, at 2 − λ
	for i, c := range []struct {
		name        string
		first, last float64
	}{
		{"ReTune", 2, 0.875}, {"truncated", 2, 1.5}, {"grid", 2, 0.46875},
	} {
		lambda := []float64{0.5, 1, 0.25}[i]
		one := 1 - lambda/2
		second := (one-2)*(one-2)/2 + lambda*one
		l := d.Lines[i]
		if l.Name != c.name || len(l.X) != 5 || l.X[4] != 4 {
			t.Fatalf("line %d: %+v", i, l)
		}
		for k, v := range []float64{c.first, second} {
			if want := (v - c.last) / c.last; math.Abs(l.Y[k]-want) > 1e-12 {
				t.Errorf("%s: %g above its end after %d layers, want %g", c.name, l.Y[k], k, want)
			}
		}
	}
}
