package train

import (
	"fmt"
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
}

func (e Event) String() string {
	switch {
	case e.Event == skipped:
		return fmt.Sprintf("skipped batch %d at step %d: loss %v, norm of the gradient %v", e.Batches, e.Step, e.Loss, e.Norm)
	case e.Validation != 0:
		return fmt.Sprintf("rolled back from step %d to %d: validation error %v", e.Step, e.To, e.Validation)
	}
	return fmt.Sprintf("rolled back from step %d to %d: %d batches skipped in a row", e.Step, e.To, maxSkips)
}

const skipped, rolledBack = "skipped", "rolled back"

// A DivergenceError ends a run that diverges again and again.
type DivergenceError struct {
	Last Event
	LR   float64
}

func (e *DivergenceError) Error() string {
	return fmt.Sprintf("train: diverged: %v; after %d rollbacks the run ends: try a smaller lr than %g", e.Last, maxRollbacks, e.LR)
}

// skip notes a batch that made no update.
func (t *trainer[F]) skip(s *State, dir *Folder, watch Watch, loss, norm float64) error {
	s.Skipped++
	s.InRow++
	e := Event{Event: skipped, Step: s.Step, Batches: s.Batches, Loss: Number(loss), Norm: Number(norm)}
	s.Events = append(s.Events, e)
	watch.Event(e)
	if s.InRow < maxSkips {
		return nil
	}
	return t.rollBack(s, dir, watch, 0)
}

// rollBack goes back to the checkpoint of the last record. The batches drawn since then are not drawn again.
func (t *trainer[F]) rollBack(s *State, dir *Folder, watch Watch, validation float64) error {
	e := Event{Event: rolledBack, Step: s.Step, Batches: s.Batches, To: s.recorded(), Validation: Number(validation)}
	if s.Rollbacks == maxRollbacks || len(s.History) == 0 {
		return &DivergenceError{e, t.LR}
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
