package main

import "testing"

// By hand: A = [[−6 1] [−5 2]] (7i mod 13 − 6), B the same, C = AB = [[31 −4] [20 −1]], or ABᵀ = [[37 32] [32 29]].
func TestChecksumByHand(t *testing.T) {
	for transposed, want := range map[bool]float64{false: 31 - 2*4 + 3*20 - 4*1, true: 37 + 2*32 + 3*32 + 4*29} {
		o := newOperands[float64](product{2, 2, 2, transposed})
		o.c = o.c[:4] // the first of the stack
		for name, multiply := range map[string]func(){"kernel": o.kernel, "gonum": o.gonum} {
			clear(o.c)
			o.c = o.c[:cap(o.c)]
			multiply()
			o.c = o.c[:4]
			if got := o.checksum(); got != want {
				t.Errorf("%s, transposed %t: %g, want %g", name, transposed, got, want)
			}
		}
	}
}

// Stacks are short enough to stay whole in the second-level cache, and never empty.
func TestStack(t *testing.T) {
	for p, want := range map[product]int{{m: 2, k: 2, n: 2}: 64, {m: 101, k: 42, n: 101}: 2, {m: 512, k: 512, n: 512}: 1} {
		if got := p.stack(); got != want {
			t.Errorf("%v: %d, want %d", p, got, want)
		}
	}
}

// All products of the tables have the same checksum from both sides that are here.
func TestAgree(t *testing.T) {
	for _, p := range append(append([]product{}, project[1:6]...), tiny...) {
		o := newOperands[float32](p)
		o.kernel()
		ours := o.checksum()
		clear(o.c)
		if o.gonum(); o.checksum() != ours || ours == 0 {
			t.Errorf("%v: %g and %g", p, ours, o.checksum())
		}
	}
}
