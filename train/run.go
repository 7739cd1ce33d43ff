package train

import (
	"context"
	"fmt"

	"unroll/checkpoints"
	"unroll/engine/kernel"
	"unroll/model"
)

// Watch receives the progress of a run: every step, every line of the record, and what went wrong on the way.
type Watch interface {
	Step(step, steps int, loss float64)
	Line(h History)
	Event(e Event)
}

// Run trains a recipe's learner in a run folder until its last step, from where the folder's newest checkpoint stands, and then exports
// the best weights. When ctx ends, Run saves once and returns an *InterruptedError.
func Run(ctx context.Context, r Recipe, l Learner, dir *Folder, watch Watch) error {
	from := r.Init
	if from == model.Construction || from == model.Random {
		from = ""
	}
	return r.job(l).run(ctx, from, dir, watch)
}

// run begins with the weights of the checkpoint from, or those of the task for "".
func (j job) run(ctx context.Context, from string, dir *Folder, watch Watch) error {
	if dir.Step() == j.Steps {
		return dir.finish(dir.state())
	}
	params := j.init()
	if from != "" && dir.found == nil {
		f, err := checkpoints.Open(from)
		if err != nil {
			return fmt.Errorf("init=%s: %w", from, err)
		}
		if err := j.task.from(f, params); err != nil {
			return fmt.Errorf("init=%s: %w", from, err)
		}
	}
	if j.precision == model.Float64 {
		return run(ctx, j, params, dir, watch, valuesOf[float64])
	}
	return run(ctx, j, params, dir, watch, valuesOf[float32])
}

// An InterruptedError is a run that was told to stop and can be gone on with from its step.
type InterruptedError struct {
	Folder string
	Step   int
	Cause  error
}

func (e *InterruptedError) Error() string {
	return fmt.Sprintf("%v: saved step %d in %s; the same command goes on from there", e.Cause, e.Step, e.Folder)
}

func (e *InterruptedError) Unwrap() error { return e.Cause }

func run[F kernel.Float](ctx context.Context, j job, params []checkpoints.Param, dir *Folder, watch Watch, values func(*checkpoints.Param) []F) error {
	t, err := newTrainer(j, params, values)
	if err != nil {
		return err
	}
	defer t.close()
	s, err := t.start(dir, watch)
	if err != nil {
		return err
	}
	saved := s.Batches
	for s.Step < j.Steps {
		if ctx.Err() != nil {
			if s.Batches > saved {
				err = t.save(dir, s)
			}
			if err != nil {
				return err
			}
			return &InterruptedError{dir.Path, s.Step, context.Cause(ctx)}
		}
		recorded := len(s.History)
		if err := t.advance(&s, dir, watch); err != nil {
			return err
		}
		if len(s.History) > recorded {
			saved = s.Batches
		}
	}
	return dir.finish(s)
}

// start takes up the folder's run where it stands, or begins it and records step 0.
func (t *trainer[F]) start(dir *Folder, watch Watch) (s State, err error) {
	if dir.found != nil {
		s, err = t.restore(dir.found.File)
		if err != nil {
			err = fmt.Errorf("train: %s: %w", dir.found.Path, err)
		}
		return s, err
	}
	if err := dir.begin(); err != nil {
		return s, err
	}
	err = t.record(&s, dir, watch, History{})
	return s, err
}

// advance draws one batch, makes an update of it or skips it, and records every so many updates.
func (t *trainer[F]) advance(s *State, dir *Folder, watch Watch) error {
	loss, norm, err := t.step(s.Step, s.Batches)
	if err != nil {
		return err
	}
	s.Batches++
	if !finite(loss) || !finite(norm) {
		return t.skip(s, dir, watch, loss, norm)
	}
	s.Step++
	s.InRow = 0
	s.LossSum += loss
	watch.Step(s.Step, t.Steps, loss)
	if s.Step%t.Every != 0 && s.Step < t.Steps {
		return nil
	}
	since := s.Step - s.recorded()
	return t.record(s, dir, watch, History{Loss: s.LossSum / float64(since), Norm: norm, LR: rate(t.LR, s.Step-1, t.Warmup, t.Steps)})
}

// record validates, completes the line, and saves.
func (t *trainer[F]) record(s *State, dir *Folder, watch Watch, line History) error {
	errors, err := t.validate()
	if err != nil {
		return err
	}
	line.Step, line.Batches, line.Validation = s.Step, s.Batches, errors[len(errors)-1]
	if !finite(line.Validation) {
		return t.rollBack(s, dir, watch, line.Validation, notFinite(errors))
	}
	s.History = append(s.History, line)
	s.LossSum = 0
	watch.Line(line)
	if s.Step == 0 || line.Validation < s.Best {
		s.Best, s.BestAt = line.Validation, s.Step
		f, err := t.file(*s, false)
		if err == nil {
			err = dir.saveBest(f)
		}
		if err != nil {
			return err
		}
	}
	return t.save(dir, *s)
}

func (t *trainer[F]) save(dir *Folder, s State) error {
	f, err := t.file(s, true)
	if err != nil {
		return err
	}
	return dir.save(s, f)
}
