package train

import (
	"fmt"
	"path/filepath"
	"slices"

	"unroll/checkpoints"
)

// A batch whose loss or gradient is not finite makes no update and touches no moment: it is skipped. After maxSkips in a row, or on a
// validation error that is not finite, the run goes back to the checkpoint of its last record and on with the batches that come next;
// when that has happened maxRollbacks times, the next one ends the run. All of it follows from the recipe alone.
const (
	maxSkips     = 10
	maxRollbacks = 3
)

// An Event is something of the record that is no line of its table.
type Event struct {
	Event      string `json:"event"` // "skipped" or "rolled back"
	Step       int    `json:"step"`  // updates made when it happened
	Batches    int    `json:"batches"`
	Loss       Number `json:"loss,omitempty"` // of the batch that was skipped, as is
	Norm       Number `json:"norm,omitempty"` // the norm of its gradient
	To         int    `json:"to,omitempty"`   // the step that the run went back to
	Validation Number `json:"validation,omitempty"`
	Layer      int    `json:"layer,omitempty"` // the first, from 1, whose error is not finite; 0: all are, and the gradient is not
}

func (e Event) String() string {
	switch {
	case e.Event == skipped:
		return fmt.Sprintf("skipped batch %d at step %d: loss %v, norm of the gradient %v%s", e.Batches, e.Step, e.Loss, e.Norm, e.from())
	case e.Validation != 0:
		return fmt.Sprintf("rolled back from step %d to %d: validation error %v%s", e.Step, e.To, e.Validation, e.from())
	}
	return fmt.Sprintf("rolled back from step %d to %d: %d batches skipped in a row%s", e.Step, e.To, maxSkips, e.from())
}

// from names the layer that the trouble began in.
func (e Event) from() string {
	if e.Layer == 0 {
		return ""
	}
	return fmt.Sprintf(", from layer %d on", e.Layer)
}

// notFinite is the first layer, from 1, whose error is not finite, and 0 where all are.
func notFinite(errors []float64) int {
	return 1 + slices.IndexFunc(errors, func(e float64) bool { return !finite(e) })
}

const skipped, rolledBack = "skipped", "rolled back"

// A DivergenceError ends a run that diverges again and again.
type DivergenceError struct {
	Last Event
	LR   float64
	Good string // the checkpoint of the last record, "" where the first validation already was not finite
}

func (e *DivergenceError) Error() string {
	good := ""
	if e.Good != "" {
		good = "; the last good checkpoint is " + e.Good
	}
	return fmt.Sprintf("train: diverged at step %d: %v%s; after %d rollbacks the run ends: try a smaller lr than %g", e.Last.Step, e.Last, good,
		maxRollbacks, e.LR)
}

// skip notes a batch that made no update.
func (t *trainer[F]) skip(s *State, dir *Folder, watch Watch, loss, norm float64) error {
	s.Skipped++
	s.InRow++
	e := Event{Event: skipped, Step: s.Step, Batches: s.Batches, Loss: Number(loss), Norm: Number(norm), Layer: t.broken}
	s.Events = append(s.Events, e)
	watch.Event(e)
	if s.InRow < maxSkips {
		return nil
	}
	return t.rollBack(s, dir, watch, 0, t.broken)
}

// rollBack goes back to the checkpoint of the last record, for a trouble that began in a layer. The batches drawn since then are not drawn again.
func (t *trainer[F]) rollBack(s *State, dir *Folder, watch Watch, validation float64, layer int) error {
	e := Event{Event: rolledBack, Step: s.Step, Batches: s.Batches, To: s.recorded(), Validation: Number(validation), Layer: layer}
	if len(s.History) == 0 {
		return &DivergenceError{Last: e, LR: t.LR}
	}
	if s.Rollbacks == maxRollbacks {
		return &DivergenceError{e, t.LR, filepath.Join(dir.Path, checkpoints.StepName(e.To))}
	}
	var back State
	f, err := dir.load(e.To)
	if err == nil {
		back, err = t.restore(f)
	}
	if err != nil {
		return fmt.Errorf("train: diverged at step %d, and no way back: %w", s.Step, err)
	}
	back.Batches, back.Skipped, back.Rollbacks, back.Events = s.Batches, s.Skipped, s.Rollbacks+1, append(s.Events, e)
	back.InRow = 0 // a run that was stopped right after the record may have saved some
	*s = back
	watch.Event(e)
	return nil
}

// recorded is the step of the last record.
func (s *State) recorded() int {
	if len(s.History) == 0 {
		return 0
	}
	return s.History[len(s.History)-1].Step
}
