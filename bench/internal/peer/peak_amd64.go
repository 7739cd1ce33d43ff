package peer

import "golang.org/x/sys/cpu"

const turns = 10_000 // a call takes about 30 µs, short enough not to hold up the scheduler

// Peak issues fused multiply-adds on registers alone, in more chains than their latency can stall and in the widest vectors that the
// processor has, and returns the number of float32 operations: the rate that no product can exceed on one thread. That for float64 is
// half of it.
func Peak() (flops float64) {
	if cpu.X86.HasAVX512F {
		fma512(turns)
		return turns * 16 * 16 * 2
	}
	fma256(turns)
	return turns * 12 * 8 * 2
}

// fma256 takes 12 independent chains of 8 float32 n steps further.
//
//go:noescape
func fma256(n int)

// fma512 takes 16 independent chains of 16 float32 n steps further.
//
//go:noescape
func fma512(n int)
