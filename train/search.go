package train

import (
	"context"
	"fmt"
	"math"

	"unroll/checkpoints"
	"unroll/data"
	"unroll/l2o/lista"
)

// searchSolver finds the few numbers of a method that has no graph, on the plain solver: a compass search (Hooke and Jeeves 1961 without the
// pattern move) on the error after the last layer, over one batch of training signals that stays the same. It tries each number a stride up and
// down, keeps what is better, and halves the stride when nothing is; LR is the first stride, in logarithms, and Steps the errors it may look at.
func searchSolver(ctx context.Context, r SolverRecipe, dir *Folder, watch Watch) error {
	if dir.Step() == r.Steps {
		return dir.finish(dir.state())
	}
	if err := dir.begin(); err != nil {
		return err
	}
	j := r.job()
	c := compass{solver: r.Solver, params: j.init(), best: math.Inf(1), stride: r.LR}
	for _, p := range c.params {
		if lista.Learned(p.Name) {
			c.numbers = append(c.numbers, p.F64)
		}
	}
	batch := r.Law.Draw(r.Seed, data.Train, 0, r.Batch, r.Law.Matrix(r.Seed, data.Train, 0))
	for s := range r.Steps {
		if ctx.Err() != nil {
			return fmt.Errorf("%w: a search saves nothing before its end; the same command starts it again", context.Cause(ctx))
		}
		c.try(func() float64 { return c.error(batch) })
		watch.Step(s+1, r.Steps, c.best)
	}
	check := c.error(r.Law.Draw(r.Seed, data.Validation, 0, r.Validate, batch.A))
	line := History{Step: r.Steps, Batches: 1, Loss: c.best, Validation: check}
	watch.Line(line)
	s := State{Step: r.Steps, Batches: 1, Best: check, BestAt: r.Steps, History: []History{line}}
	f, err := file(j.config, s, c.params)
	if err == nil {
		err = dir.saveBest(f)
	}
	if err == nil {
		err = dir.save(s, f)
	}
	if err != nil {
		return err
	}
	return dir.finish(s)
}

// checkSearch refuses what a search does not read and is not as its recipe has it.
func (r SolverRecipe) checkSearch() error {
	unread := hyper().Plan
	for _, c := range []struct {
		ok          bool
		key         string
		value, want any
	}{
		{r.Solver.Precision == lista.Float64, "precision", r.Solver.Precision, lista.Float64},
		{r.Init == Ista, "init", r.Init, Ista},
		{r.Law.Share == 0, "share", r.Law.Share, 0},
		{r.Slice == sliceOf(r.Batch), "slice", r.Slice, sliceOf(r.Batch)},
		{r.Warmup == unread.Warmup, "warmup", r.Warmup, unread.Warmup},
		{r.Clip == unread.Clip, "clip", r.Clip, unread.Clip},
		{r.Emphasis == unread.Emphasis, "emphasis", r.Emphasis, unread.Emphasis},
		{r.Decibel == unread.Decibel, "decibel", r.Decibel, unread.Decibel},
		{r.Every == unread.Every, "every", r.Every, unread.Every},
	} {
		if !c.ok {
			return fmt.Errorf("%s=%v: want %v for %s, whose numbers are searched for", c.key, c.value, c.want, r.Solver.Method)
		}
	}
	return nil
}

// A compass is where the search stands.
type compass struct {
	solver  lista.Config
	params  []checkpoints.Param
	numbers [][]float64 // those that are searched, one each
	best    float64     // smallest error so far, at the numbers as they are
	stride  float64
	next    int  // trial of this round: number next/2, up or down
	better  bool // something in this round was
}

// try makes the next trial.
func (c *compass) try(loss func() float64) {
	if math.IsInf(c.best, 1) {
		c.best = loss()
		return
	}
	at := c.numbers[c.next/2]
	old := at[0]
	at[0] += c.stride * float64(1-c.next%2*2)
	if e := loss(); e < c.best {
		c.best, c.better = e, true
	} else {
		at[0] = old
	}
	if c.next = (c.next + 1) % (2 * len(c.numbers)); c.next == 0 {
		if !c.better {
			c.stride /= 2
		}
		c.better = false
	}
}

// error is the mean squared error of the last layer over a batch.
func (c *compass) error(b data.Signals) float64 {
	solver, err := lista.New(c.solver, c.params)
	if err != nil {
		panic("train: " + err.Error()) // its own parameters
	}
	total := 0.0
	solver.Estimates(b.A, b.Y, func(k int, x []float64) bool {
		for j, v := range x {
			if k == c.solver.K {
				e := v - b.X[j]
				total += e * e
			}
		}
		return true
	})
	return total / float64(b.Size)
}
