//go:build !purego

package kernel

import "golang.org/x/sys/cpu"

const (
	avx2   = portable + 1
	avx512 = portable + 2
)

var names = [...]string{portable: "go", avx2: "avx2", avx512: "avx512"}

// best is the level that Level describes.
var best = func() instructions {
	switch {
	case !cpu.X86.HasAVX2 || !cpu.X86.HasFMA || !cpu.X86.HasBMI2:
		return portable
	case !cpu.X86.HasAVX512F || !cpu.X86.HasAVX512VL:
		return avx2
	}
	return avx512
}()

// vectorShift is the logarithm of the bytes of a vector.
func vectorShift() int { return int(level-avx2) + 5 }
