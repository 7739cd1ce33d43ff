package kernel

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"unsafe"
)

// A fence is memory between two pages that nobody may touch.
type fence []byte

const page = 1 << 14 // a multiple of every page size in use

func newFence(t *testing.T, bytes int) fence {
	n := (bytes + page - 1) / page * page
	m, err := syscall.Mmap(-1, 0, n+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal("no anonymous memory: ", err)
	}
	t.Cleanup(func() { syscall.Munmap(m) })
	for _, edge := range [][]byte{m[:page], m[page+n:]} {
		if err := syscall.Mprotect(edge, syscall.PROT_NONE); err != nil {
			t.Fatal("no protected memory: ", err)
		}
	}
	return fence(m[page : page+n])
}

// fenced is n elements at the end of the memory, or at its start.
func fenced[F Float](f fence, n int, atEnd bool) []F {
	if n == 0 {
		return nil
	}
	at := 0
	if atEnd {
		at = len(f) - n*int(unsafe.Sizeof(F(0)))
	}
	return unsafe.Slice((*F)(unsafe.Pointer(&f[at])), n)
}

// A read or write one element outside its slice ends the process here.
func TestNothingIsTouchedOutside(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(13, 14))
		const most = 130 * 150
		var f [4]fence
		for i := range f {
			f[i] = newFence(t, 8*most)
		}
		for i := range 300 {
			touchEdges[float32](rng, f, i%2 == 0)
			touchEdges[float64](rng, f, i%2 == 0)
		}
	})
}

func touchEdges[F Float](rng *rand.Rand, f [4]fence, atEnd bool) {
	m, n, k, pad := 1+rng.IntN(70), 1+rng.IntN(129), 1+rng.IntN(129), rng.IntN(2)*rng.IntN(20)
	tA, tB := rng.IntN(2) == 0, rng.IntN(2) == 0
	ra, ca, rb, cb := m, k, k, n
	if tA {
		ra, ca = k, m
	}
	if tB {
		rb, cb = n, k
	}
	a := fenced[F](f[0], (ra-1)*(ca+pad)+ca, atEnd)
	b := fenced[F](f[1], (rb-1)*(cb+pad)+cb, atEnd)
	c := fenced[F](f[2], (m-1)*(n+pad)+n, atEnd)
	Gemm(tA, tB, m, n, k, 1, a, ca+pad, b, cb+pad, rng.IntN(2) == 0, c, n+pad)

	size := rng.IntN(200)
	var v [][]F
	for i := range f {
		v = append(v, fenced[F](f[i], size, atEnd))
	}
	for _, l := range loops[F]() {
		l.run(v)
	}
	Inner(fenced[F](f[3], 9, atEnd), 3, v[:3], v[:3])
	Inner(fenced[F](f[3], 12, atEnd), 4, v[:3], [][]F{v[0], v[1], v[2], v[0]})
}
