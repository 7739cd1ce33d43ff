package model

import (
	"math"
	"strings"

	"unroll/engine/kernel"
)

// Equivariant replaces the weights of the parameter of a name by their mean over all signed permutations P of the d coordinates:
//
//	x ↦ Px, β ↦ Pβ  ⇒  estimate ↦ P·estimate,   for a network all of whose weights are such means
//
// β, x and every d free slots are moved as one vector, every 2d ReLU units as pairs ±; what is left over is a scalar and stays. The law
// of the prompts is the same under P, so the mean of the gradient over the group is the gradient with every prompt seen in its 2ᵈ·d!
// guises: it has the same expectation and a small part of the noise. It is the orthogonal projection onto the weights that commute with
// the group, which are a few numbers: a multiple of I for two vectors, a free number for two scalars, zero between the two.
//
// Where the law tells the first coordinates from the rest (Support), P permutes either among themselves, and every vector is two.
func Equivariant[F kernel.Float](c Config, name string, weights []F) {
	project(c, name, weights, false)
}

// project is Equivariant, with blocks that keep the size of independent noise where asked: the mean of e numbers is 1/√e of one of them.
func project[F kernel.Float](c Config, name string, weights []F, noise bool) {
	slots, write, units := c.parts(0), c.parts(c.Fixed()), c.units()
	rows, cols := slots, slots
	switch name[strings.LastIndexByte(name, '/')+1:] {
	case "O":
		cols = write
	case "W1":
		cols = units
	case "W2":
		rows, cols = units, write
	}
	n := width(cols)
	for size := width(rows) * n; len(weights) > 0; weights = weights[size:] {
		for _, r := range rows {
			for _, c := range cols {
				b := block[F]{r, c, weights, n}
				mean := b.mean()
				if noise {
					mean *= F(math.Sqrt(float64(r.size * c.size)))
				}
				b.set(mean)
			}
		}
	}
}

// A part of an axis is what the group moves together. Entries that belong to coordinate j of a vector stand side by side.
type part struct {
	at, size int
	each     int  // entries of a coordinate: 1 for a vector, 2 for the units of v_j and −v_j; 0 for a scalar
	rest     bool // of the coordinates beyond Support
}

// parts cuts the slots from the first one given on, counted from there.
func (c Config) parts(first int) (all []part) {
	for at := first; at < c.Width; {
		if at == 0 || at >= c.betaSlot() && at+c.D <= c.Width {
			all, at = append(all, c.vector(at-first, 1)...), at+c.D
			continue
		}
		all, at = append(all, part{at: at - first, size: 1}), at+1
	}
	return all
}

func (c Config) units() (all []part) {
	at := 0
	for ; at+2*c.D <= c.Hidden; at += 2 * c.D {
		all = append(all, c.vector(at, 2)...)
	}
	for ; at < c.Hidden; at++ {
		all = append(all, part{at: at, size: 1})
	}
	return all
}

// vector are the parts of d coordinates with so many entries each.
func (c Config) vector(at, each int) []part {
	if c.Support == 0 || c.Support == c.D {
		return []part{{at: at, size: c.D * each, each: each}}
	}
	return []part{{at: at, size: c.Support * each, each: each},
		{at: at + c.Support*each, size: (c.D - c.Support) * each, each: each, rest: true}}
}

func width(parts []part) int {
	last := parts[len(parts)-1]
	return last.at + last.size
}

// A block is where the rows of a part meet the columns of another.
type block[F kernel.Float] struct {
	r, c   part
	matrix []F
	n      int // columns of the matrix
}

// sign is that of an entry in the one direction of the block which the group leaves: 0 outside it.
func (b block[F]) sign(i, j int) F {
	switch {
	case b.r.each == 0 && b.c.each != 1, b.c.each == 0 && b.r.each != 1:
		return 1 // scalars, and units that read or write one alike
	case b.r.each == 0, b.c.each == 0, b.r.rest != b.c.rest, i/b.r.each != j/b.c.each:
		return 0
	default:
		return F(1 - 2*((i%b.r.each+j%b.c.each)%2))
	}
}

// mean is the coefficient in that direction.
func (b block[F]) mean() F {
	sum, entries := F(0), F(0)
	b.all(func(v *F, sign F) {
		sum += sign * *v
		entries += sign * sign
	})
	return sum / max(1, entries)
}

func (b block[F]) set(mean F) { b.all(func(v *F, sign F) { *v = sign * mean }) }

func (b block[F]) all(do func(v *F, sign F)) {
	for i := range b.r.size {
		for j := range b.c.size {
			do(&b.matrix[(b.r.at+i)*b.n+b.c.at+j], b.sign(i, j))
		}
	}
}
