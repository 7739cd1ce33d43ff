package data_test

import (
	"fmt"
	"math"
	"testing"

	"unroll/data"
)

const draws = 20000

// A moment is the mean of draws of one quantity with a known expectation.
type moment struct{ sum, squares, n float64 }

func (m *moment) add(v float64) {
	m.sum += v
	m.squares += v * v
	m.n++
}

// near fails t where the mean is more than five of its standard errors, and rounding, from want.
func (m *moment) near(t *testing.T, what string, want float64) {
	t.Helper()
	mean := m.sum / m.n
	se := math.Sqrt(max(m.squares/m.n-mean*mean, 0) / m.n)
	if !(math.Abs(mean-want) <= 5*se+1e-12) {
		t.Errorf("%s is %.4f ± %.4f, want %.4f", what, mean, se, want)
	}
}

// The rows have the mean and covariance of their law: the first and the last of the matrix, and the query. Rows of one matrix are
// uncorrelated.
func TestDesigns(t *testing.T) {
	const rho = 0.6
	for design, covariance := range map[string]func(j, k int) float64{
		data.Gaussian:    func(j, k int) float64 { return indicator(j == k) },
		data.AR:          func(j, k int) float64 { return math.Pow(rho, math.Abs(float64(j-k))) },
		data.Coherent:    func(j, k int) float64 { return rho + (1-rho)*indicator(j == k) },
		data.Orthonormal: func(j, k int) float64 { return indicator(j == k) },
	} {
		d := small()
		d.Design, d.Rho = design, rho
		b := d.Draw(11, data.Train, 0, draws)
		for name, row := range map[string]func(p data.Prompt) []float64{
			"first": func(p data.Prompt) []float64 { return p.X[:d.D] },
			"last":  func(p data.Prompt) []float64 { return p.X[(d.N-1)*d.D:] },
			"query": func(p data.Prompt) []float64 { return p.Query },
		} {
			for j := range d.D {
				var mean, cross moment
				for i := range b.Size {
					mean.add(row(b.At(i))[j])
					cross.add(row(b.At(i))[j] * b.At(i).X[d.D+(j+1)%d.D]) // with the second row
				}
				mean.near(t, fmt.Sprintf("%s, %s row: mean of x_%d", design, name, j), 0)
				cross.near(t, fmt.Sprintf("%s, %s row: covariance of x_%d with the second row", design, name, j), 0)
				for k := range d.D {
					var product moment
					for i := range b.Size {
						product.add(row(b.At(i))[j] * row(b.At(i))[k])
					}
					product.near(t, fmt.Sprintf("%s, %s row: E x_%d·x_%d", design, name, j, k), covariance(j, k))
				}
			}
		}
	}
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Orthonormal rows have inner products d·I to rounding, up to a full square.
func TestOrthonormalRows(t *testing.T) {
	for n := 1; n <= 20; n++ {
		d := data.SparseRecovery{D: 20, S: 3, N: n, Values: data.Gaussian, Design: data.Orthonormal}
		b := d.Draw(uint64(n), data.Train, 0, 5)
		for p := range b.Size {
			x := b.At(p).X
			for i := range n {
				for j := range n {
					got := inner(x[i*d.D:(i+1)*d.D], x[j*d.D:(j+1)*d.D]) / float64(d.D)
					if math.Abs(got-indicator(i == j)) > 1e-12 {
						t.Errorf("N=%d: rows %d and %d have inner product %g·d", n, i, j, got)
					}
				}
			}
		}
	}
}

// β has exactly S nonzeros within the support, every set of places as likely as any other.
func TestSignalPlaces(t *testing.T) {
	for _, support := range []int{0, 4} {
		d := small()
		d.Support = support
		places := 15.0 // pairs among 6
		if support > 0 {
			places = 6 // pairs among 4
		}
		b := d.Draw(13, data.Train, 0, draws)
		counts := map[string]int{}
		for i := range b.Size {
			var at []int
			for j, v := range b.At(i).Beta {
				if v != 0 {
					at = append(at, j)
				}
			}
			if len(at) != d.S || support > 0 && at[len(at)-1] >= support {
				t.Fatalf("support %d: nonzeros at %v", support, at)
			}
			counts[fmt.Sprint(at)]++
		}
		for at, count := range counts {
			if se := math.Sqrt(draws / places * (1 - 1/places)); math.Abs(float64(count)-draws/places) > 5*se {
				t.Errorf("support %d: nonzeros at %s %d times, want %.0f ± %.0f", support, at, count, draws/places, se)
			}
		}
		if float64(len(counts)) != places {
			t.Errorf("support %d: %d sets of places, want %.0f", support, len(counts), places)
		}
	}
}

func TestSignalValues(t *testing.T) {
	for values, fourth := range map[string]float64{data.Gaussian: 3, data.Sign: 1} {
		d := small()
		d.Values = values
		var first, second, kurtosis moment
		for _, v := range d.Draw(17, data.Train, 0, draws).Beta {
			if v != 0 {
				first.add(v)
				second.add(v * v)
				kurtosis.add(v * v * v * v)
			}
		}
		first.near(t, values+": mean of a nonzero", 0)
		second.near(t, values+": E β²", 1)
		kurtosis.near(t, values+": E β⁴", fourth)
	}
}

// y = Xβ + σε: exact without noise, and with it a residual of mean 0, variance σ² and fourth moment 3σ⁴ that is uncorrelated with Xβ.
func TestLabels(t *testing.T) {
	for _, sigma := range []float64{0, 0.3} {
		d := small()
		d.Sigma = sigma
		b := d.Draw(19, data.Train, 0, draws)
		var first, second, fourth, cross moment
		for i := range b.Size {
			p := b.At(i)
			if want := inner(p.Query, p.Beta); math.Abs(*p.Label-want) > 1e-14*(1+math.Abs(want)) {
				t.Fatalf("label %g, want %g", *p.Label, want)
			}
			for row, y := range p.Y {
				clean := inner(p.X[row*d.D:(row+1)*d.D], p.Beta)
				e := y - clean
				if sigma == 0 && math.Abs(e) > 1e-14*(1+math.Abs(clean)) {
					t.Fatalf("noiseless y is %g, want %g", y, clean)
				}
				first.add(e)
				second.add(e * e)
				fourth.add(e * e * e * e)
				cross.add(e * clean)
			}
		}
		first.near(t, "mean of the noise", 0)
		second.near(t, "variance of the noise", sigma*sigma)
		fourth.near(t, "fourth moment of the noise", 3*math.Pow(sigma, 4))
		cross.near(t, "covariance of noise and signal", 0)
	}
}

func inner(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}
