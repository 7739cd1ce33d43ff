package main

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"unroll/bench/internal/peer"
)

//go:embed peer.py
var script string

//go:embed peer.R
var scriptR string

// A rival is a peer with the tolerances that it can be asked for, from loose to tight.
type rival struct {
	name string
	*peer.Process
	folder     string   // where arrays lie for it, and its answers for us
	fits       []string // its ways to solve for one λ, of which the fastest counts
	tolerances []float64
}

// rivals starts both, each with a folder of its own under scratch.
func rivals(scratch string) (all []*rival, err error) {
	for _, c := range []struct {
		name, script, packages string
		start                  func(script, packages string, threads int, hello any, args ...any) (*peer.Process, error)
		loosest                float64
		fits                   []string
	}{
		{"sklearn", script, "python3-sklearn", peer.Start, 1e-1, []string{"fit"}},
		{"glmnet", scriptR, "r-cran-glmnet", peer.StartR, 1e-3, []string{"fit", "descent"}},
	} {
		r := &rival{name: c.name, folder: filepath.Join(scratch, c.name), fits: c.fits}
		if err := os.Mkdir(r.folder, 0o700); err != nil {
			return all, err
		}
		var hello struct{ Version string }
		if r.Process, err = c.start(c.script, c.packages, 1, &hello, r.folder); err != nil {
			return all, err
		}
		fmt.Printf("%s: %s\n", c.name, hello.Version)
		for t := c.loosest; t > 1e-26; t /= math.Sqrt(10) {
			r.tolerances = append(r.tolerances, t)
		}
		all = append(all, r)
	}
	return all, nil
}

// load hands the data to the rival.
func (r *rival) load(s instance) error {
	if err := r.write("A", s.a.Data); err != nil {
		return err
	}
	if err := r.write("y", s.y); err != nil {
		return err
	}
	if err := r.write("weights", s.weights()); err != nil {
		return err
	}
	var done int
	return r.Ask(&done, "load", s.a.M, s.a.N)
}

func (r *rival) write(name string, v []float64) error {
	raw, err := binary.Append(nil, binary.LittleEndian, v)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.folder, name), raw, 0o600)
}

// answer reads what the rival's last task left.
func (r *rival) answer() ([]float64, error) {
	raw, err := os.ReadFile(filepath.Join(r.folder, "x"))
	if err != nil {
		return nil, err
	}
	x := make([]float64, len(raw)/8)
	_, err = binary.Decode(raw, binary.LittleEndian, x)
	return x, err
}

// loosest finds, for each target, the loosest tolerance with which the task, which takes it as its last argument, has an answer that
// judge finds good enough; 0 stands for none. It ends when tightening makes nothing better twenty times in a row.
func (r *rival) loosest(targets []float64, judge func(x []float64) float64, task ...any) ([]float64, error) {
	found := make([]float64, len(targets))
	best, stuck, at := math.Inf(1), 0, 0
	for _, tol := range r.tolerances {
		var passes float64
		if err := r.Ask(&passes, append(task, tol)...); err != nil {
			return nil, err
		}
		x, err := r.answer()
		if err != nil {
			return nil, err
		}
		gap := judge(x)
		for at < len(targets) && gap <= targets[at] {
			found[at] = tol
			at++
		}
		if stuck++; gap < best {
			best, stuck = gap, 0
		}
		if at == len(targets) || stuck == 20 {
			break
		}
	}
	return found, nil
}

// A bid is a task with the loosest tolerance that does; 0 stands for none.
type bid struct {
	task []any
	tol  float64
}

// contender does the task before every round, as another may have been done in between; only its repetitions are timed.
func (r *rival) contender(b bid) peer.Contender {
	again := r.Contender("run")
	return func(count int) (float64, error) {
		var passes float64
		if err := r.Ask(&passes, append(b.task, b.tol)...); err != nil {
			return 0, err
		}
		return again(count)
	}
}
