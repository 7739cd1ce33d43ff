//go:build !(amd64 || arm64) || purego

package kernel

import "unsafe"

const best = portable

var names = [...]string{"go"}

// multiply does nothing without assembly, and multiplyGo runs.
func multiply(s *shape, a, b, c unsafe.Pointer) bool { return false }
