package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// Dictionary is the distribution that the LISTA papers train and test on (Chen, Liu, Wang and Yin 2018, §5): y = Ax* + σ·ε for a dictionary A
// (m, n) of unit columns and a signal whose entries are independently nonzero with one probability. One matrix, drawn from the seed, serves
// all instances, or as many as share it.
type Dictionary struct {
	M       int     `yaml:"m" json:"m" help:"rows of the dictionary"`
	N       int     `yaml:"n" json:"n" help:"its columns, the unknowns"`
	Density float64 `yaml:"density" json:"density" help:"probability that an entry of the signal is not zero"`
	Noise   float64 `yaml:"noise" json:"noise" help:"standard deviation of the noise over that of an entry of Ax*: 0.01 is 40 dB, 0.1 is 20 dB"`
	Values  string  `yaml:"values" json:"values" help:"law of the nonzeros: gaussian (N(0,1)) or sign (±1)"`
	Design  string  `yaml:"design" json:"design" help:"law of the rows before the columns are scaled: gaussian, ar or coherent"`
	Rho     float64 `yaml:"rho" json:"rho" help:"correlation in [0,1) of the designs ar and coherent"`
	Share   int     `yaml:"share" json:"share" help:"instances that share one matrix; 0: all of them"`
}

var dictionaryLaws = []string{Gaussian, AR, Coherent}

// Validate returns a *FieldError for the first field that has no meaning, nil when the distribution can be drawn from.
func (d Dictionary) Validate() error {
	for _, c := range []struct {
		ok          bool
		field       string
		value, want any
	}{
		{d.M >= 1, "m", d.M, "at least 1"},
		{d.N >= 1, "n", d.N, "at least 1"},
		{d.Density > 0 && d.Density <= 1, "density", d.Density, "0 < density ≤ 1"},
		{d.Noise >= 0 && d.Noise <= maxSigma, "noise", d.Noise, fmt.Sprintf("0 to %g", maxSigma)},
		{slices.Contains(valueLaws, d.Values), "values", d.Values, strings.Join(valueLaws, " or ")},
		{slices.Contains(dictionaryLaws, d.Design), "design", d.Design, strings.Join(dictionaryLaws, ", ")},
		{d.Rho >= 0 && d.Rho < 1, "rho", d.Rho, "0 ≤ rho < 1"},
		{d.Share >= 0, "share", d.Share, "0 (all) or more"},
	} {
		if !c.ok {
			return &FieldError{c.field, fmt.Sprint(c.value), fmt.Sprint(c.want)}
		}
	}
	return nil
}

// Sigma returns the standard deviation σ of the noise of an entry of y. An entry of Ax* has variance E‖x*‖²/m, as columns have norm 1.
func (d Dictionary) Sigma() float64 {
	return d.Noise * math.Sqrt(d.Density*float64(d.N)/float64(d.M))
}

// Matrix returns the A (m, n) of instance i of a split, row-major. It panics on a distribution that Validate refuses.
func (d Dictionary) Matrix(seed uint64, s Split, i uint64) []float64 {
	if err := d.Validate(); err != nil {
		panic("data: Matrix: " + err.Error())
	}
	r := stream(seed, designSplit, 0)
	if d.Share > 0 {
		r = stream(seed, designSplit, 1+uint64(s)<<60+i/uint64(d.Share))
	}
	a, squares := make([]float64, d.M*d.N), make([]float64, d.N)
	SparseRecovery{D: d.N, Design: d.Design, Rho: d.Rho}.rows(r, a, d.M)
	for k, v := range a {
		squares[k%d.N] += float64(v * v)
	}
	for k := range a {
		a[k] /= math.Sqrt(squares[k%d.N])
	}
	return a
}

// Signals is a run of instances that share a matrix, row-major.
type Signals struct {
	Size, M, N int
	A          []float64 // (M, N)
	X          []float64 // (B, N), the signals x*
	Y          []float64 // (B, M)
}

// Draw returns the instances i, i+1, …, i+size−1 of a split, whose matrix a Matrix has returned. It is pure: the same arguments give the same
// bits, and an instance does not depend on the batch it is drawn in. It panics where the instances do not share one matrix.
func (d Dictionary) Draw(seed uint64, s Split, i uint64, size int, a []float64) Signals {
	if share := uint64(d.Share); share > 0 && i/share != (i+uint64(size)-1)/share {
		panic(fmt.Sprintf("data: Draw: instances %d to %d do not share a matrix with share=%d", i, i+uint64(size)-1, d.Share))
	}
	b := Signals{Size: size, M: d.M, N: d.N, A: a, X: make([]float64, size*d.N), Y: make([]float64, size*d.M)}
	for j := range size {
		d.instance(stream(seed, s, i+uint64(j)), a, b.X[j*d.N:(j+1)*d.N], b.Y[j*d.M:(j+1)*d.M])
	}
	return b
}

func (d Dictionary) instance(r *rand.Rand, a, x, y []float64) {
	law, sigma := SparseRecovery{Values: d.Values}, d.Sigma()
	var support []int
	for j := range x {
		if r.Float64() < d.Density {
			x[j] = law.value(r)
			support = append(support, j)
		}
	}
	for i := range y {
		row := a[i*d.N : (i+1)*d.N]
		for _, j := range support {
			y[i] += float64(row[j] * x[j])
		}
		if sigma > 0 {
			y[i] += float64(sigma * r.NormFloat64())
		}
	}
}

// Hash returns the first 16 hexadecimal digits of the SHA-256 of the shape and bits, as that of a [Batch].
func (b Signals) Hash() string {
	h := sha256.New()
	word := make([]byte, 8)
	put := func(v uint64) {
		binary.LittleEndian.PutUint64(word, v)
		h.Write(word)
	}
	for _, n := range []int{b.Size, b.M, b.N} {
		put(uint64(n))
	}
	for _, f := range [][]float64{b.A, b.X, b.Y} {
		for _, v := range f {
			put(math.Float64bits(v))
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}
