package engine

import (
	"gorgonia.org/gorgonia"

	"unroll/engine/kernel"
)

// Register puts the kernels under Gorgonia's stock ops and its tensors, and under gonum as kernel.Register does, for the whole process.
// Call it from main, before the first graph runs.
func Register() {
	kernel.Register()
	gorgonia.Use(kernel.BLAS{})
}
