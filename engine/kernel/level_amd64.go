//go:build !purego

package kernel

import "golang.org/x/sys/cpu"

// best is the level that Level describes.
var best = func() instructions {
	switch {
	case !cpu.X86.HasAVX2 || !cpu.X86.HasFMA || !cpu.X86.HasBMI2:
		return portable
	case !cpu.X86.HasAVX512F:
		return avx2
	}
	return avx512
}()

// vectorShift is the logarithm of the bytes of a vector.
func vectorShift() int { return int(level-avx2) + 5 }
