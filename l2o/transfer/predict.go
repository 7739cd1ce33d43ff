package transfer

import "fmt"

// A Prediction is what the equations of state say of a [TwoStage] on an [Ensemble].
type Prediction struct {
	First, Second Stage
	Order         Order
	Residual      float64 // of the equations, max |F(x) − x|/(1 + |x|)
	Sweeps        int     // evaluations of the equations, of both stages
}

// A Stage is predicted of one stage's answer, β₁ or w.
type Stage struct {
	Error         []float64 // (K): ‖r_k − answer‖²/N on the truth of each data set; add σ_k² for the error on fresh data
	Training      float64   // ‖y₁ − X₁·answer‖²/N on the target's data; with fresh data, on those of the stage
	TruePositive  float64   // fraction of the target's nonzeros that are selected; 0 where there are none
	FalsePositive float64   // fraction of the target's zeros that are selected; 0 where there are none
}

// Order holds the order parameters, in the notation of the equations of state.
type Order struct {
	Q1, Chi1 float64   // E β₁², P(β₁≠0)/Q̂₁
	M1       []float64 // (K): E r_k β₁
	Q2, M2   float64   // E w², E r₁w
	Q12      float64   // E β₁w
	Chi22    float64   // P(β₂≠0)/Q̂₂
	Chi21    float64   // response of w to stage 1's field
}

// A ConvergenceError says that the equations of a stage were not solved.
type ConvergenceError struct {
	Stage    int
	Residual float64
	Sweeps   int
}

func (e *ConvergenceError) Error() string {
	return fmt.Sprintf("transfer: equations of state of stage %d: residual %.2g after %d sweeps, want at most %.0e; "+
		"without a penalty they have no solution where rows are fewer than unknowns", e.Stage, e.Residual, e.Sweeps, residualBound)
}

// nodes of the rule on each panel: five times as many change no prediction by more than 1e-13.
const nodes = 12

// Predict solves the equations of state. The error is an *[InputError] or a *[ConvergenceError]. The result does not depend on what was
// predicted before.
func (e Ensemble) Predict(s TwoStage) (Prediction, error) {
	if err := e.Check(); err != nil {
		return Prediction{}, err
	}
	if err := s.Check(); err != nil {
		return Prediction{}, err
	}
	return (&solver{rule: legendre(nodes), goal: residualGoal}).predict(e, s)
}

// A solver keeps stage 2's solution as the start of the next: near by it is found in half the sweeps.
type solver struct {
	rule rule
	goal float64 // residual
	last []float64
}

func (v *solver) predict(e Ensemble, s TwoStage) (Prediction, error) {
	p := &pooled{e: e, lambda: s.Lambda1}
	residual, sweeps := p.solve()
	if !(residual <= residualBound) {
		return Prediction{}, &ConvergenceError{1, residual, sweeps}
	}
	c := &corrected{first: p, knobs: s, rule: v.rule}
	x, second, more := v.second(c)
	if !(second <= residualBound) {
		return Prediction{}, &ConvergenceError{2, second, more}
	}
	v.last = x
	c.sweep(make([]float64, len(x)), x)
	out := Prediction{
		Order:    Order{p.q, p.chi, p.m, c.q, c.m, c.q12, c.chi22, c.chi21},
		Residual: max(residual, second), Sweeps: sweeps + more,
	}
	out.First.Training = e.Sets[0].Rows * p.variance(0) / ((1 + p.chi) * (1 + p.chi))
	out.First.TruePositive, out.First.FalsePositive = p.rates(0)
	out.Second.Training = c.c22
	out.Second.TruePositive, out.Second.FalsePositive = c.rates.fractions()
	for k := range e.Sets {
		out.First.Error = append(out.First.Error, p.risk(k))
		out.Second.Error = append(out.Second.Error, c.q-2*c.cross[k]+e.power(k))
	}
	return out, nil
}

// second solves stage 2, from the last solution where there is one and it is near enough.
func (v *solver) second(c *corrected) (x []float64, residual float64, sweeps int) {
	if v.last != nil && c.set(v.last) {
		x, residual, sweeps = iteration{0.3, nearRun, v.goal, c.sweep}.solve(v.last)
		if residual <= residualBound {
			return x, residual, sweeps
		}
	}
	x, residual, more := iteration{0.3, plainRun, v.goal, c.sweep}.solve(c.start())
	return x, residual, sweeps + more
}
