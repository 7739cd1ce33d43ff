//go:build !linux && !darwin

package peer

import "time"

var start = time.Now()

// clock is the wall's time in seconds; for one thread too where the process's own is not at hand.
func clock(threads int) float64 { return time.Since(start).Seconds() }
