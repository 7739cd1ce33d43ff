//go:build !purego

package kernel

const (
	neon = portable + 1
	best = neon // every arm64 has it
)

var names = [...]string{portable: "go", neon: "neon"}

// vectorShift is the logarithm of the bytes of a vector.
func vectorShift() int { return 4 }
