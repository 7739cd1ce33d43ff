package data

import (
	"math"
	"math/rand/v2"
)

// A scene is a picture on the unit square: u runs along rows, v down columns. Products are rounded before they are added, as those of dot are.
type scene func(u, v float64) colour

// scenes draw a scene each from a generator.
var scenes = []func(r *rand.Rand) scene{phantom, patches, texture}

// phantom adds up ellipses of constant colour inside an outer one, as Shepp and Logan (1974) do for a head: a bright skull, a darker
// inside, and smaller things that are brighter or darker by a little.
func phantom(r *rand.Rand) scene {
	type part struct {
		ellipse
		add colour
	}
	skull := ellipse{u: between(r, 0.45, 0.55), v: between(r, 0.45, 0.55), a: between(r, 0.32, 0.46), b: between(r, 0.36, 0.48)}.turned(r)
	brain := skull
	brain.a, brain.b = skull.a*between(r, 0.86, 0.96), skull.b*between(r, 0.86, 0.96)
	bone := randomColour(r, 0.65, 0.95)
	parts := []part{{skull, bone}, {brain, randomColour(r, 0.2, 0.5).plus(-1, bone)}}
	for range 5 + r.IntN(8) {
		e := ellipse{u: between(r, 0.25, 0.75), v: between(r, 0.25, 0.75), a: between(r, 0.02, 0.18), b: between(r, 0.02, 0.18)}.turned(r)
		parts = append(parts, part{e, randomColour(r, -0.3, 0.4)})
	}
	background := randomColour(r, 0, 0.15)
	return func(u, v float64) colour {
		c := background
		for _, p := range parts {
			if p.holds(u, v) {
				c = c.plus(1, p.add)
			}
		}
		return c
	}
}

// patches lays shapes over each other, each with a colour that changes linearly across it: edges between smooth regions.
func patches(r *rand.Rand) scene {
	type patch struct {
		inside func(u, v float64) bool
		at     colour
		du, dv colour
	}
	shade := func(inside func(u, v float64) bool) patch {
		return patch{inside, randomColour(r, 0.1, 0.9), randomColour(r, -0.3, 0.3), randomColour(r, -0.3, 0.3)}
	}
	all := []patch{shade(func(u, v float64) bool { return true })}
	for range 4 + r.IntN(8) {
		e := ellipse{u: r.Float64(), v: r.Float64(), a: between(r, 0.05, 0.35), b: between(r, 0.05, 0.35)}.turned(r)
		switch r.IntN(3) {
		case 0:
			all = append(all, shade(e.holds))
		case 1: // the rectangle around the ellipse
			all = append(all, shade(e.boxHolds))
		default: // the half-plane through its centre
			all = append(all, shade(func(u, v float64) bool { return float64(e.cos*(u-e.u))+float64(e.sin*(v-e.v)) > 0.2 }))
		}
	}
	return func(u, v float64) colour {
		for i := len(all) - 1; ; i-- {
			if p := all[i]; p.inside(u, v) {
				return p.at.plus(u-0.5, p.du).plus(v-0.5, p.dv)
			}
		}
	}
}

// texture is lattice noise whose amplitude falls with frequency, as that of photographs does, beside gratings in two directions, in the two
// parts of a plane cut in half.
func texture(r *rand.Rand) scene {
	base, swing := randomColour(r, 0.3, 0.7), randomColour(r, 0.5, 0.9)
	var octaves []lattice
	for n := 4; n <= 64; n *= 2 {
		octaves = append(octaves, newLattice(r, n))
	}
	roughness := between(r, 0.5, 0.8)
	type grating struct{ fu, fv, phase, height float64 }
	var gratings [2]grating
	for i := range gratings {
		sin, cos := math.Sincos(between(r, 0, math.Pi))
		f := 2 * math.Pi * between(r, 6, 30)
		gratings[i] = grating{f * cos, f * sin, between(r, 0, 2*math.Pi), between(r, 0.05, 0.25)}
	}
	cut := ellipse{u: between(r, 0.3, 0.7), v: between(r, 0.3, 0.7)}.turned(r)
	return func(u, v float64) colour {
		level, height := 0.0, 1.0
		for _, o := range octaves {
			level += float64(height * o.at(u, v))
			height *= roughness
		}
		if float64(cut.cos*(u-cut.u))+float64(cut.sin*(v-cut.v)) > 0 {
			level = float64(level * 0.4)
			for _, g := range gratings {
				level += float64(g.height * math.Sin(float64(g.fu*u)+float64(g.fv*v)+g.phase))
			}
		}
		return base.plus(level, swing)
	}
}

// An ellipse has a centre, two half-axes, and the direction of the first.
type ellipse struct{ u, v, a, b, sin, cos float64 }

func (e ellipse) turned(r *rand.Rand) ellipse {
	e.sin, e.cos = math.Sincos(between(r, 0, math.Pi))
	return e
}

// within returns the coordinates of a point along the half-axes, in their lengths.
func (e ellipse) within(u, v float64) (p, q float64) {
	u, v = u-e.u, v-e.v
	return (float64(e.cos*u) + float64(e.sin*v)) / e.a, (float64(e.cos*v) - float64(e.sin*u)) / e.b
}

func (e ellipse) holds(u, v float64) bool {
	p, q := e.within(u, v)
	return float64(p*p)+float64(q*q) <= 1
}

func (e ellipse) boxHolds(u, v float64) bool {
	p, q := e.within(u, v)
	return max(p, -p, q, -q) <= 1
}

// A lattice is noise: random heights in ±½ at (n+1)² nodes, and between them smoothly from one to the next.
type lattice struct {
	n       int
	heights []float64
}

func newLattice(r *rand.Rand, n int) lattice {
	l := lattice{n, make([]float64, (n+1)*(n+1))}
	for i := range l.heights {
		l.heights[i] = r.Float64() - 0.5
	}
	return l
}

func (l lattice) at(u, v float64) float64 {
	i, p := l.cell(u)
	j, q := l.cell(v)
	row := l.heights[j*(l.n+1)+i:]
	low := float64((1-p)*row[0]) + float64(p*row[1])
	high := float64((1-p)*row[l.n+1]) + float64(p*row[l.n+2])
	return float64((1-q)*low) + float64(q*high)
}

// cell returns the cell that a coordinate is in, and 3t² − 2t³ of where it is in it.
func (l lattice) cell(u float64) (i int, t float64) {
	u = float64(u * float64(l.n))
	i = min(int(u), l.n-1)
	t = u - float64(i)
	return i, float64(t * t * (3 - 2*t))
}
