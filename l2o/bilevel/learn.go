package bilevel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"unroll/l2o"
)

// A Learning is the outer descent: Adam on the mean loss of minibatches at the equilibria (Kingma and Ba, "Adam", ICLR 2015),
//
//	m ← β₁m + (1−β₁)g,   s ← β₂s + (1−β₂)g²,   θ ← θ − rate · m̂/(√ŝ + ε),   β = 0.9, 0.999, ε = 1e-8, hats for the bias correction.
//
// A step to where a loss or a slope is not finite is taken back, and ends it.
type Learning struct {
	ReTune
	Train      []Instance
	Validation []Instance // the best θ is chosen on these; nil means on Train
	Start      []float64  // θ_0, a Layout's Start
	Epochs     int
	Batch      int     // instances of a step; 0 means all
	Rate       float64 // constant over the first half of the epochs, then down to 0 by a cosine
	Seed       uint64  // of the order of instances
	Workers    int     // 0 means one a processor; the result does not depend on it

	// Project moves θ, after every step, to the nearest place where it is allowed to be: within bounds of a step, or where a denoiser is
	// nonexpansive. Nil means that it may be anywhere.
	Project func(theta []float64)
	// StopAtOne ends the descent where Φ_K no longer contracts; otherwise a warning is all.
	StopAtOne bool
	// Watch is told of every epoch; nil means nobody is.
	Watch func(Epoch)
}

// An Epoch is what a descent says once an epoch. Before the first one there is epoch 0.
type Epoch struct {
	Epoch      int
	Train      float64 // mean loss over the epoch's steps; of epoch 0, NaN
	Validation float64 // mean loss of Φ_K^{T+1}, after the epoch
	Q          float64 // ‖∂_uΦ_K‖, at the first validation instance, after the epoch
	Bias       float64 // q/(1−q), a bound as far as Q, which is estimated from below, is the factor
	Theta      []float64
}

// Warning returns one line where Φ_K does not contract, "" elsewhere.
func (e Epoch) Warning() string {
	if e.Q < 1 {
		return ""
	}
	return fmt.Sprintf("epoch %d: the block does not contract, its factor is %.4g ≥ 1: no bound on the bias holds", e.Epoch, e.Q)
}

// Learned is where a descent ended.
type Learned struct {
	Theta  []float64 // of the epoch with the least validation loss; always finite, Start where its own loss is not
	Best   int       // that epoch
	Epochs []Epoch
	Status l2o.Status // [l2o.MaxIter], [l2o.Diverged]: not finite, or q ≥ 1 with StopAtOne
}

// Run descends. The error is an *[l2o.InputError].
func (l Learning) Run() (Learned, error) {
	if err := l.check(); err != nil {
		return Learned{}, err
	}
	a := newAdam(l.Start)
	out := Learned{Theta: slices.Clone(l.Start), Status: l2o.MaxIter}
	steps := (len(l.Train) + l.batch() - 1) / l.batch()
	for e := range l.Epochs + 1 {
		trained := math.NaN()
		if e > 0 {
			var ok bool
			if trained, ok = l.epoch(a, e, steps); !ok {
				out.Status = l2o.Diverged
				return out, nil
			}
		}
		report := l.measure(e, trained, a.theta)
		if report.Validation-report.Validation != 0 {
			out.Status = l2o.Diverged
			return out, nil
		}
		out.Epochs = append(out.Epochs, report)
		if l.Watch != nil {
			l.Watch(report)
		}
		if e == 0 || report.Validation < out.Epochs[out.Best].Validation {
			out.Theta, out.Best = report.Theta, e
		}
		if l.StopAtOne && report.Q >= 1 {
			out.Status = l2o.Diverged
			return out, nil
		}
	}
	return out, nil
}

// epoch takes the steps of one epoch; ok is false where a gradient is not finite.
func (l Learning) epoch(a *adam, e, steps int) (mean float64, ok bool) {
	order := rand.New(rand.NewPCG(l.Seed, uint64(e))).Perm(len(l.Train))
	for i := range steps {
		batch := order[i*len(order)/steps : (i+1)*len(order)/steps]
		value, slope := l.gradient(batch, a.theta)
		if s := value + dot(slope, slope); s-s != 0 {
			return 0, false
		}
		mean += value / float64(steps)
		done := (float64(e-1) + float64(i)/float64(steps)) / float64(l.Epochs)
		a.step(slope, l.Rate*0.5*(1+math.Cos(math.Pi*max(0, 2*done-1))))
		if l.Project != nil {
			l.Project(a.theta)
		}
	}
	return mean, true
}

// gradient returns the mean loss and slope of a batch, summed in its order.
func (l Learning) gradient(batch []int, theta []float64) (value float64, slope []float64) {
	all := make([]Gradient, len(batch))
	each(l.Workers, len(batch), func(i int) { all[i] = l.Gradient(l.Train[batch[i]], theta) })
	slope = make([]float64, len(theta))
	for _, g := range all {
		value += g.Loss / float64(len(batch))
		for j, v := range g.Slope {
			slope[j] += v / float64(len(batch))
		}
	}
	return value, slope
}

// measure takes the validation loss and the contraction at θ.
func (l Learning) measure(e int, trained float64, theta []float64) Epoch {
	instances := l.Validation
	if instances == nil {
		instances = l.Train
	}
	losses, q := make([]float64, len(instances)), 0.0
	each(l.Workers, len(instances), func(i int) {
		in := instances[i]
		u := Run(in.Step, theta, in.Start, l.K, l.K*(l.T+1))
		losses[i] = in.Loss(u)
		if i == 0 {
			q = Contraction(in.Step, theta, u, l.K)
		}
	})
	report := Epoch{Epoch: e, Train: trained, Q: q, Theta: slices.Clone(theta)}
	for _, v := range losses {
		report.Validation += v / float64(len(losses))
	}
	report.Bias = BiasBound(report.Q)
	return report
}

func (l Learning) batch() int {
	if l.Batch == 0 {
		return len(l.Train)
	}
	return l.Batch
}

func (l Learning) check() error {
	if err := l.Check(); err != nil {
		return err
	}
	if len(l.Train) == 0 {
		return &l2o.InputError{Arg: "Train", Value: "empty", Want: "at least one instance"}
	}
	if l.Epochs < 1 {
		return &l2o.InputError{Arg: "Epochs", Value: l.Epochs, Want: "at least 1"}
	}
	if l.Batch < 0 {
		return &l2o.InputError{Arg: "Batch", Value: l.Batch, Want: "a number ≥ 0"}
	}
	if l.Workers < 0 {
		return &l2o.InputError{Arg: "Workers", Value: l.Workers, Want: "a number ≥ 0, or 0 for one a processor"}
	}
	if l.Validation != nil && len(l.Validation) == 0 {
		return &l2o.InputError{Arg: "Validation", Value: "empty", Want: "at least one instance, or nil for those of Train"}
	}
	if !(l.Rate > 0) || math.IsInf(l.Rate, 1) {
		return &l2o.InputError{Arg: "Rate", Value: l.Rate, Want: "a finite number > 0"}
	}
	for j, v := range l.Start {
		if v-v != 0 {
			return &l2o.InputError{Arg: fmt.Sprintf("Start[%d]", j), Value: v, Want: "a finite number"}
		}
	}
	for _, in := range slices.Concat(l.Train, l.Validation) {
		if err := in.Check(l.Start); err != nil {
			return err
		}
	}
	return nil
}

// each calls work for 0 … n−1 on so many goroutines, one a processor where workers is 0. An index is worked on once.
func each(workers, n int, work func(i int)) {
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var wg sync.WaitGroup
	for w := range min(workers, n) {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				work(i)
			}
		})
	}
	wg.Wait()
}
