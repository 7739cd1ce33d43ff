package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"unroll/bench/internal/peer"
	"unroll/checkpoints/npy"
)

// workers measures cmd/recover, built here, with one and with two workers on many right-hand sides: the wall-clock seconds that it reports
// for solving them.
func workers(scratch string, rounds int, ratios *peer.Ratios) error {
	program := filepath.Join(scratch, "recover")
	if out, err := exec.Command("go", "build", "-o", program, "unroll/cmd/recover").CombinedOutput(); err != nil {
		return fmt.Errorf("building recover: %w: %s", err, out)
	}
	const m, n, problems = 200, 1000, 256
	rng := rand.New(rand.NewPCG(1, 2))
	for name, shape := range map[string][]int{"A.npy": {m, n}, "Y.npy": {m, problems}} {
		a := &npy.Array{Shape: shape, F64: make([]float64, shape[0]*shape[1])}
		for i := range a.F64 {
			a.F64[i] = rng.NormFloat64()
		}
		f, err := os.Create(filepath.Join(scratch, name))
		if err != nil {
			return err
		}
		if err := npy.Write(f, a); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	times := make([]peer.Times, 2)
	for range rounds {
		for w := range times {
			cmd := exec.Command(program, "-A", filepath.Join(scratch, "A.npy"), "-y", filepath.Join(scratch, "Y.npy"), "-json", "-workers", fmt.Sprint(w+1))
			cmd.Stderr = os.Stderr
			out, err := cmd.Output()
			var said struct{ Seconds float64 }
			if err == nil {
				err = json.Unmarshal(out, &said)
			}
			if err != nil {
				return fmt.Errorf("recover -workers %d: %w", w+1, err)
			}
			times[w] = append(times[w], said.Seconds)
		}
	}
	for _, t := range times {
		slices.Sort(t)
	}
	fmt.Printf("\nrecover, %d problems of %d×%d: one worker %.3g s (min %.3g), two %.3g s (min %.3g)\n", problems, m, n,
		times[0].Median(), times[0].Min(), times[1].Median(), times[1].Min())
	ratios.Add("one_worker_over_two", times[0].Median()/times[1].Median())
	ratios.Add("one_worker_over_two_min", times[0].Min()/times[1].Min())
	return nil
}
