package train

import (
	"fmt"

	"unroll/checkpoints"
	"unroll/engine/kernel"
	"unroll/model"
)

// Watch receives the progress of a run: every step, and every line of the record.
type Watch interface {
	Step(step, steps int, loss float64)
	Line(h History)
}

// Run trains a recipe's learner in a run folder until its last step, from where the folder's last checkpoint stands. On the way it
// saves last.gob, with everything that going on needs, and best.gob, the weights with the smallest validation error.
func Run(r Recipe, l Learner, dir *Folder, watch Watch) error {
	params := l.Init(r.Seed)
	if r.Init != model.Construction && r.Init != model.Random {
		f, err := checkpoints.Open(r.Init)
		if err != nil {
			return fmt.Errorf("init=%s: %w", r.Init, err)
		}
		if err := weightsFrom(f, params); err != nil {
			return fmt.Errorf("init=%s: %w", r.Init, err)
		}
	}
	if r.Model.Precision == model.Float64 {
		return run(r, l, params, dir, watch, valuesOf[float64])
	}
	return run(r, l, params, dir, watch, valuesOf[float32])
}

func run[F kernel.Float](r Recipe, l Learner, params []checkpoints.Param, dir *Folder, watch Watch, values func(*checkpoints.Param) []F) error {
	t, err := newTrainer(r, l, params, values)
	if err != nil {
		return err
	}
	defer t.close()
	s, err := t.start(dir, watch)
	if err != nil {
		return err
	}
	var sum float64 // of the losses since the last record, which stands at a multiple of Every
	for s.Step < r.Steps {
		loss, norm, err := t.step(s.Step)
		if err != nil {
			return err
		}
		sum += loss
		s.Step++
		watch.Step(s.Step, r.Steps, loss)
		if s.Step%r.Every == 0 || s.Step == r.Steps {
			since := (s.Step-1)%r.Every + 1
			line := History{Loss: sum / float64(since), Norm: norm, LR: rate(r.LR, s.Step-1, r.Warmup, r.Steps)}
			if err := t.record(&s, dir, watch, line); err != nil {
				return err
			}
			sum = 0
		}
	}
	return nil
}

// start takes up the folder's run where it stands, or begins it and records step 0.
func (t *trainer[F]) start(dir *Folder, watch Watch) (s State, err error) {
	if dir.last != nil {
		return t.restore(dir.last)
	}
	if err := dir.begin(); err != nil {
		return s, err
	}
	err = t.record(&s, dir, watch, History{})
	return s, err
}

// record validates, completes the line, and saves. The run's last record also stands in best.gob, beside the best weights.
func (t *trainer[F]) record(s *State, dir *Folder, watch Watch, line History) error {
	errors, err := t.validate()
	if err != nil {
		return err
	}
	line.Step, line.Validation = s.Step, errors[len(errors)-1]
	s.History = append(s.History, line)
	watch.Line(line)
	switch {
	case s.Step == 0 || line.Validation < s.Best:
		s.Best, s.BestAt = line.Validation, s.Step
		err = t.save(dir, bestName, *s, false)
	case s.Step == t.Steps:
		err = dir.finishBest(*s)
	}
	if err != nil {
		return err
	}
	return t.save(dir, lastName, *s, true)
}

func (t *trainer[F]) save(dir *Folder, name string, s State, moments bool) error {
	f, err := t.file(s, moments)
	if err != nil {
		return err
	}
	return dir.save(name, f)
}
