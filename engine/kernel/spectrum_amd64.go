//go:build !purego

package kernel

import "unsafe"

// Each function below is the exported one of the same name in assembly; it reports false where there is none to use. AVX2 serves both levels:
// memory sets the pace here.

func splitSpectra(u, v []Complex8, step int, z []Complex8, blocks int) bool {
	if level == portable {
		return false
	}
	split(unsafe.Pointer(&u[0]), unsafe.Pointer(&v[0]), step, unsafe.Pointer(&z[0]), unsafe.Pointer(&z[len(z)-1]), blocks)
	return true
}

func joinSpectra(z, u, v []Complex8, step, blocks int) bool {
	if level == portable {
		return false
	}
	join(unsafe.Pointer(&u[0]), unsafe.Pointer(&v[0]), step, unsafe.Pointer(&z[0]), unsafe.Pointer(&z[len(z)-1]), blocks)
	return true
}

func mulConj(x, g []Complex8, sign float64) bool {
	if level == portable {
		return false
	}
	multiplyConj(unsafe.Pointer(&x[0]), unsafe.Pointer(&g[0]), len(x), sign)
	return true
}
