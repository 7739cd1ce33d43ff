package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"
)

// forget gives unused memory back and starts to measure the most that is resident anew.
func forget() {
	for range 3 { // what a finalizer or a pool holds outlives one collection
		debug.FreeOSMemory()
	}
	os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // where this fails, what is reported is too much, never too little
}

// resident is the most memory in bytes that this process held since forget, 0 where the system does not tell.
func resident() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	var kilobytes float64
	if _, after, ok := strings.Cut(string(status), "VmHWM:"); ok {
		fmt.Sscan(after, &kilobytes)
	}
	return 1024 * kilobytes
}
