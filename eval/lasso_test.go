package eval

import (
	"slices"
	"testing"

	"unroll/data"
)

// A weight below the rounding of the labels cannot be certified: its prompts are counted, not passed over.
func TestOpenCertificatesAreCounted(t *testing.T) {
	b := law.Draw(1, data.Test, 0, 10)
	_, open := lassoErrors(b, []float64{0.1, 1e-15}, 2)
	if !slices.Equal(open, []int{0, 10}) {
		t.Errorf("%v certificates are open, want [0 10]", open)
	}
}
