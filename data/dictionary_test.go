package data_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"unroll/data"
)

func dictionary() data.Dictionary {
	return data.Dictionary{M: 6, N: 10, Density: .3, Values: data.Gaussian, Design: data.Gaussian}
}

// An instance is its own, whatever the batch; splits and seeds differ; the matrix is that of its group.
func TestDictionaryDrawIsPure(t *testing.T) {
	for _, share := range []int{0, 4} {
		d := dictionary()
		d.Share, d.Noise = share, .1
		a := d.Matrix(1, data.Test, 4)
		all := d.Draw(1, data.Test, 4, 4, a)
		for j := range 4 {
			one := d.Draw(1, data.Test, uint64(4+j), 1, d.Matrix(1, data.Test, uint64(4+j)))
			if !slices.Equal(one.A, all.A) || !slices.Equal(one.X, all.X[j*d.N:(j+1)*d.N]) || !slices.Equal(one.Y, all.Y[j*d.M:(j+1)*d.M]) {
				t.Errorf("share=%d: instance %d depends on its batch", share, j)
			}
		}
		for name, other := range map[string]data.Signals{
			"seed":  d.Draw(2, data.Test, 4, 4, a),
			"split": d.Draw(1, data.Train, 4, 4, a),
			"index": d.Draw(1, data.Test, 0, 4, a),
		} {
			if other.Hash() == all.Hash() {
				t.Errorf("share=%d: another %s gives the same instances", share, name)
			}
		}
		fresh := share > 0
		for name, other := range map[string][]float64{"group": d.Matrix(1, data.Test, 0), "split": d.Matrix(1, data.Train, 4)} {
			if slices.Equal(other, a) == fresh {
				t.Errorf("share=%d: the matrix of another %s is the same: %t", share, name, !fresh)
			}
		}
		if slices.Equal(d.Matrix(2, data.Test, 4), a) {
			t.Errorf("share=%d: another seed has the same matrix", share)
		}
	}
}

// Columns have norm 1. Under the coherent law any two of them have inner product ρ on average, under ar ρ^|j−k|, else 0.
func TestDictionaryColumns(t *testing.T) {
	const rho = .6
	for design, want := range map[string]func(j, k int) float64{
		data.Gaussian: func(j, k int) float64 { return 0 },
		data.AR:       func(j, k int) float64 { return math.Pow(rho, math.Abs(float64(j-k))) },
		data.Coherent: func(j, k int) float64 { return rho },
	} {
		d := data.Dictionary{M: 400, N: 4, Density: .1, Values: data.Gaussian, Design: design, Rho: rho, Share: 1}
		var products [4][4]moment
		for i := range 200 {
			a := d.Matrix(3, data.Train, uint64(i))
			for j := range d.N {
				for k := range j + 1 {
					s := 0.0
					for row := range d.M {
						s += a[row*d.N+j] * a[row*d.N+k]
					}
					if j == k && math.Abs(s-1) > 1e-14 {
						t.Fatalf("%s: column %d has square %.17g", design, j, s)
					}
					products[j][k].add(s)
				}
			}
		}
		for j := range d.N {
			for k := range j {
				m := products[j][k]
				if mean := m.sum / m.n; math.Abs(mean-want(j, k)) > .01 {
					t.Errorf("%s: columns %d and %d have inner product %.4f on average, want %.4f", design, j, k, mean, want(j, k))
				}
			}
		}
	}
}

// Entries are nonzero with the given probability, with variance 1; y − Ax is noise of the given share of the variance of Ax.
func TestDictionarySignals(t *testing.T) {
	for _, noise := range []float64{0, .1} {
		d := dictionary()
		d.Noise = noise
		b := d.Draw(5, data.Train, 0, draws, d.Matrix(5, data.Train, 0))
		var nonzero, square, clean, rest, cross moment
		for _, v := range b.X {
			nonzero.add(indicator(v != 0))
			if v != 0 {
				square.add(v * v)
			}
		}
		for i, y := range b.Y {
			at, row := i/d.M, i%d.M
			ax := inner(b.A[row*d.N:(row+1)*d.N], b.X[at*d.N:(at+1)*d.N])
			clean.add(ax * ax)
			rest.add((y - ax) * (y - ax))
			cross.add((y - ax) * ax)
		}
		nonzero.near(t, "share of nonzeros", d.Density)
		square.near(t, "variance of a nonzero", 1)
		variance := d.Density * float64(d.N) / float64(d.M)
		clean.near(t, "variance of Ax", variance)
		rest.near(t, "variance of the noise", noise*noise*variance)
		cross.near(t, "covariance of noise and Ax", 0)
		if got := d.Sigma(); math.Abs(got-noise*math.Sqrt(variance)) > 1e-15 {
			t.Errorf("Sigma is %g", got)
		}
	}
}

func TestDictionaryRefuses(t *testing.T) {
	for want, change := range map[string]func(d *data.Dictionary){
		"m=0":             func(d *data.Dictionary) { d.M = 0 },
		"n=-1":            func(d *data.Dictionary) { d.N = -1 },
		"density=0":       func(d *data.Dictionary) { d.Density = 0 },
		"density=1.5":     func(d *data.Dictionary) { d.Density = 1.5 },
		"density=NaN":     func(d *data.Dictionary) { d.Density = math.NaN() },
		"noise=-1":        func(d *data.Dictionary) { d.Noise = -1 },
		"noise=+Inf":      func(d *data.Dictionary) { d.Noise = math.Inf(1) },
		"values=gausian":  func(d *data.Dictionary) { d.Values = "gausian" },
		"design=other":    func(d *data.Dictionary) { d.Design = "other" },
		"design=orthonor": func(d *data.Dictionary) { d.Design = data.Orthonormal },
		"rho=1":           func(d *data.Dictionary) { d.Rho = 1 },
		"share=-1":        func(d *data.Dictionary) { d.Share = -1 },
	} {
		d := dictionary()
		change(&d)
		err := d.Validate()
		if _, ok := errors.AsType[*data.FieldError](err); !ok || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want one that starts with %s", err, want)
		}
	}
	d := dictionary()
	d.Share = 4
	defer func() {
		if message, _ := recover().(string); !strings.Contains(message, "instances 2 to 5 do not share") {
			t.Errorf("panic %q", message)
		}
	}()
	d.Draw(1, data.Train, 2, 4, d.Matrix(1, data.Train, 2))
}
