package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"unroll/model"
	"unroll/model/graph"
)

// flat takes so many steps of the smallest cell and returns an error if the memory that stays resident when garbage is given back grows
// after the first tenth of them.
func flat(steps int) error {
	t := newTask(cells(model.Interleaved)[0])
	tr, err := newTrainer(t, 1, graph.Transformer.Graph)
	if err != nil {
		return err
	}
	defer tr.Close()
	after := func(steps int) float64 {
		for range steps {
			tr.Step()
		}
		forget()
		return resident()
	}
	early := after(steps / 10)
	late := after(steps - steps/10)
	fmt.Printf("%v: %.1f MB resident after %d steps, %.1f MB after %d\n\nratio memory_late_over_early %.3f\n",
		t.cell, early/1e6, steps/10, late/1e6, steps, late/early)
	return steady(early, late)
}

// steady refuses bytes that grow, and those of a system that does not tell them.
func steady(early, late float64) error {
	if early == 0 || late == 0 {
		return fmt.Errorf("this system does not tell how much memory is resident: whether it grows is not known")
	}
	if late > 1.05*early {
		return fmt.Errorf("memory grows: %.1f MB, then %.1f MB", early/1e6, late/1e6)
	}
	return nil
}

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
