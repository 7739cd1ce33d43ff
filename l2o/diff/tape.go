package diff

import (
	"slices"
)

// A tape gives the iterates of a run back, the last first, from checkpoints: of every s-th iterate, and of all those of one segment of s.
// Iterates of other segments are computed again, to the same bits.
type tape struct {
	*iteration
	first, every int
	marks        [][2][]float64 // x_k and x_{k−1} for k = first, first + s, …
	segment      [][]float64    // from x_{k−1} on, x_k a mark; s + 2 vectors
	loaded       int            // the mark at which the segment begins
}

func newTape(it *iteration, m Mode) *tape {
	K := len(it.Step)
	t := &tape{iteration: it, first: m.begin(K)}
	K -= t.first
	t.every = segment(K)
	if m.Rule == Truncated {
		t.every = K
	}
	for m.Rule == Unrolled && t.every < K && tapeSize(K, t.every+1) <= m.States {
		t.every++
	}
	return t
}

// record takes x_k, for k = 0 and each iteration after it.
func (t *tape) record(k int, x, prev []float64) {
	if k < t.first {
		return
	}
	at := k - t.first - t.loaded*t.every
	if at > 0 {
		t.keep(at+1, x)
	}
	if at == 0 || at == t.every && k < len(t.Step) {
		t.marks = append(t.marks, [2][]float64{slices.Clone(x), slices.Clone(prev)})
		t.load(len(t.marks) - 1)
	}
}

// keep puts a copy of x in place i of the segment.
func (t *tape) keep(i int, x []float64) {
	if i == len(t.segment) {
		t.segment = append(t.segment, make([]float64, t.n))
	}
	copy(t.segment[i], x)
}

func (t *tape) load(mark int) {
	t.loaded = mark
	t.keep(0, t.marks[mark][1])
	t.keep(1, t.marks[mark][0])
}

// back visits the iterations from the last to the first that is on the tape.
func (t *tape) back(visit func(k int, x, prev, older []float64)) {
	last := len(t.Step)
	for mark := len(t.marks) - 1; mark >= 0; mark-- {
		begin := t.first + mark*t.every
		if mark != t.loaded {
			t.load(mark)
			for k := begin + 1; k <= last; k++ {
				i := k - begin + 1
				t.next(t.segment[i], k, t.segment[i-1], t.segment[i-2])
			}
		}
		for k := last; k > begin; k-- {
			i := k - begin + 1
			visit(k, t.segment[i], t.segment[i-1], t.segment[i-2])
		}
		last = begin
	}
}

// states counts the vectors that are stored.
func (t *tape) states() int { return 2*len(t.marks) + len(t.segment) }
