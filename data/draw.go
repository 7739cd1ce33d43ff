package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"
)

// A Split names one of three disjoint families of prompts.
type Split uint64

// Training, the choice of hyper-parameters, and the numbers that are reported never share a prompt.
const (
	Train Split = iota
	Validation
	Test
	designSplit // the one matrix of FixedX
)

// A Batch is a run of prompts, row-major.
type Batch struct {
	Size, N, D int
	X          []float64 // (B, N, D)
	Y          []float64 // (B, N)
	Query      []float64 // (B, D), the row x_{N+1}
	Label      []float64 // (B), ⟨x_{N+1}, β*⟩ without noise
	Beta       []float64 // (B, D), the signal β*
}

// Draw returns the prompts i, i+1, …, i+size−1 of a split. It is pure: the same arguments give the same bits, and a prompt does not
// depend on the batch it is drawn in. It panics on a distribution that Validate refuses.
func (d SparseRecovery) Draw(seed uint64, s Split, i uint64, size int) Batch {
	if err := d.Validate(); err != nil {
		panic("data: Draw: " + err.Error())
	}
	b := Batch{
		Size: size, N: d.N, D: d.D,
		X:     make([]float64, size*d.N*d.D),
		Y:     make([]float64, size*d.N),
		Query: make([]float64, size*d.D),
		Label: make([]float64, size),
		Beta:  make([]float64, size*d.D),
	}
	var fixed []float64 // (N, D)
	if d.FixedX {
		fixed = make([]float64, d.N*d.D)
		d.rows(stream(seed, designSplit, 0), fixed, d.N)
	}
	for j := range size {
		d.prompt(stream(seed, s, i+uint64(j)), b.At(j), fixed)
	}
	return b
}

// prompt fills one prompt from its own stream.
func (d SparseRecovery) prompt(r *rand.Rand, p Prompt, fixed []float64) {
	d.signal(r, p.Beta)
	if fixed != nil {
		copy(p.X, fixed)
	} else {
		d.rows(r, p.X, d.N)
	}
	d.rows(r, p.Query, 1)
	for i := range p.Y {
		p.Y[i] = dot(p.X[i*d.D:(i+1)*d.D], p.Beta)
		if d.Sigma > 0 {
			p.Y[i] += float64(d.Sigma * r.NormFloat64())
		}
	}
	*p.Label = dot(p.Query, p.Beta)
}

// stream returns the generator of one prompt. (seed, split, index) ↦ PCG state is injective for indices below 2⁶², because mix is a
// bijection: no two prompts of any split start from one state.
func stream(seed uint64, s Split, i uint64) *rand.Rand {
	low := mix(uint64(s)<<62 | i)
	return rand.New(rand.NewPCG(mix(seed^low), low))
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood 2014), a bijection of the 64-bit words.
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// A Prompt is the view of one prompt inside its batch.
type Prompt struct {
	X     []float64 // (N, D)
	Y     []float64 // (N)
	Query []float64 // (D)
	Label *float64
	Beta  []float64 // (D)
}

// At returns the j-th prompt; its slices share the batch's memory.
func (b Batch) At(j int) Prompt {
	return Prompt{
		X:     b.X[j*b.N*b.D : (j+1)*b.N*b.D],
		Y:     b.Y[j*b.N : (j+1)*b.N],
		Query: b.Query[j*b.D : (j+1)*b.D],
		Label: &b.Label[j],
		Beta:  b.Beta[j*b.D : (j+1)*b.D],
	}
}

// Hash returns the first 16 hexadecimal digits of the SHA-256 of the batch's shape and bits (little endian): two reports that print the
// same hash measured the same prompts.
func (b Batch) Hash() string {
	h := sha256.New()
	word := make([]byte, 8)
	put := func(v uint64) {
		binary.LittleEndian.PutUint64(word, v)
		h.Write(word)
	}
	put(uint64(b.Size))
	put(uint64(b.N))
	put(uint64(b.D))
	for _, f := range [][]float64{b.X, b.Y, b.Query, b.Label, b.Beta} {
		for _, v := range f {
			put(math.Float64bits(v))
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// Uniform returns a number of [0, 1) that belongs to batch i of a split, from a stream that no prompt uses.
func Uniform(seed uint64, s Split, i uint64) float64 {
	return stream(seed^0x9e3779b97f4a7c15, s, i).Float64()
}
