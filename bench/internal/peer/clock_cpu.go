//go:build linux || darwin

package peer

import "golang.org/x/sys/unix"

// clock is a time in seconds of which only differences mean something: the process's on one thread, else the wall's.
func clock(threads int) float64 {
	id := int32(unix.CLOCK_MONOTONIC)
	if threads == 1 {
		id = unix.CLOCK_PROCESS_CPUTIME_ID
	}
	var t unix.Timespec
	if err := unix.ClockGettime(id, &t); err != nil {
		panic("peer: " + err.Error())
	}
	return float64(t.Nano()) / 1e9
}
