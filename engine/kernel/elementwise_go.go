//go:build !amd64 || purego

package kernel

// Without assembly nothing is done here and the caller's loop runs.

func axpy[F Float](alpha F, x, y []F) bool                         { return false }
func add[F Float](dst, x, y []F) bool                              { return false }
func scale[F Float](dst []F, alpha F, x []F) bool                  { return false }
func soft[F Float](dst, x []F, theta F) bool                       { return false }
func softGrad[F Float](dx, dy, x []F, theta F) (dtheta F, ok bool) { return 0, false }
func proxStep[F Float](dst, x, g []F, tau, theta F) bool           { return false }
func relu[F Float](dst, x []F) bool                                { return false }
func reluGrad[F Float](dx, dy, x []F) bool                         { return false }
func adam[F Float](w, m, v, g []F, s AdamStep[F]) bool             { return false }
func dot[F Float](x, y []F) (s F, ok bool)                         { return 0, false }
func dotSquares[F Float](x, y []F) (xy, xx F, ok bool)             { return 0, 0, false }
func sum[F Float](x []F) (s F, ok bool)                            { return 0, false }
func inner[F Float](dst []F, ld int, x, y [][]F) bool              { return false }

func combine[F Float](dst []F, alpha F, v []F, at []int32, rows []F, ld int) bool { return false }

func turnRows[F Float](dst []F, ldd int, src []F, lds, i, n int) bool { return false }
