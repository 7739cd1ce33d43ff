//go:build !amd64 || purego

package kernel

// Without assembly nothing is done here and the caller's loop runs.

func butterfly(r, m, s int, y, x []Complex8, w []float64) bool              { return false }
func splitSpectra(u, v []Complex8, step int, z []Complex8, blocks int) bool { return false }
func joinSpectra(z, u, v []Complex8, step, blocks int) bool                 { return false }
func mulConj(x, g []Complex8, sign float64) bool                            { return false }
