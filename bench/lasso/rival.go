package main

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

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
	limit      float64  // seconds that it may take for one task
	fits       []string // its ways to solve for one λ, of which the fastest counts
	tolerances []float64
}

// rivals starts both, each with a folder of its own under scratch.
func rivals(scratch string, limit float64) (all []*rival, err error) {
	for _, c := range []struct {
		name, script, packages string
		start                  func(script, packages string, threads int, hello any, args ...any) (*peer.Process, error)
		loosest                float64
		fits                   []string
	}{
		{"sklearn", script, "python3-sklearn", peer.Start, 1e-1, []string{"fit"}},
		{"glmnet", scriptR, "r-cran-glmnet", peer.StartR, 1e-3, []string{"fit", "descent"}},
	} {
		r := &rival{name: c.name, folder: filepath.Join(scratch, c.name), limit: limit, fits: c.fits}
		if err := os.Mkdir(r.folder, 0o700); err != nil {
			return all, err
		}
		var hello struct{ Version string }
		if r.Process, err = c.start(c.script, c.packages, 1, &hello, r.folder, limit); err != nil {
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

// try has the rival solve once and returns the seconds that it took and its answer, which is empty beyond the limit.
func (r *rival) try(task []any, tol float64) (seconds float64, x []float64, err error) {
	var posed int
	if err := r.Ask(&posed, append(slices.Clone(task), tol)...); err != nil {
		return 0, nil, err
	}
	if err := r.Ask(&seconds, "solution"); err != nil {
		return 0, nil, err
	}
	raw, err := os.ReadFile(filepath.Join(r.folder, "x"))
	if err != nil {
		return 0, nil, err
	}
	x = make([]float64, len(raw)/8)
	_, err = binary.Decode(raw, binary.LittleEndian, x)
	return seconds, x, err
}

// A bid is a task, which takes a tolerance as its last argument, with the loosest one that does, 0 for none.
type bid struct {
	task    []any
	tol     float64
	seconds float64 // that it took with it once
	over    bool    // it came to the limit first: with tighter tolerances it takes longer
}

// loosest finds, for each target, the loosest tolerance with which the task has an answer that judge finds good enough. It ends at the
// limit, and when tightening makes nothing better twenty times in a row.
func (r *rival) loosest(targets []float64, judge func(x []float64) float64, task ...any) ([]bid, error) {
	found := make([]bid, len(targets))
	best, stuck, at := math.Inf(1), 0, 0
	for _, tol := range r.tolerances {
		seconds, x, err := r.try(task, tol)
		if err != nil {
			return nil, err
		}
		gap := judge(x)
		for ; at < len(targets) && gap <= targets[at]; at++ {
			found[at] = bid{task: task, tol: tol, seconds: seconds}
		}
		for ; at < len(targets) && seconds > r.limit; at++ {
			found[at] = bid{task: task, tol: tol, seconds: r.limit, over: true}
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

// slow is how many seconds a call may take to be measured more than once.
const slow = 2

// raced reports whether the bid is to be measured beside the others.
func (b bid) raced() bool { return b.tol != 0 && !b.over && b.seconds <= slow }

// took is the one measurement of a bid that is not.
func (b bid) took() peer.Times { return peer.Times{b.seconds} }

func (b bid) tolerance() string {
	if b.over {
		return "limit"
	}
	return fmt.Sprintf("%.0e", b.tol)
}

// contender poses the task before every round, as another may have been posed in between.
func (r *rival) contender(b bid) peer.Contender {
	again := r.Contender("run")
	return func(count int) (float64, error) {
		var posed int
		if err := r.Ask(&posed, append(slices.Clone(b.task), b.tol)...); err != nil {
			return 0, err
		}
		return again(count)
	}
}
