package dln

import (
	"iter"
	"math"

	"unroll/l2o/linop"
)

// A Flow is gradient flow on β = u⊙v from a start of scale Alpha, in accelerated time, as the mirror flow of its dual:
//
//	ds/dt = −∇L(β),    β_i = α² sinh(2 ln(1/α) s_i) = ½e^{2 ln(1/α)(s_i−1)} − ½e^{−2 ln(1/α)(s_i+1)}
//
// The second form neither overflows nor loses digits at any α that a float64 holds. Where β rests s is linear in t, and a stiff method
// crosses a plateau in a few steps; see rosenbrock.go.
type Flow struct {
	X     linop.Columns // (n, d)
	Y     []float64     // (n)
	Alpha float64       // 0 < α < 1
	Start []float64     // β at time 0, u²−v² = 2α²; nil is 0
	Tol   float64       // local error of 2 ln(1/α) s, which is that of ln|β_i|, per step; 0 is 1e-8
}

// A State is a point of the flow. The slices are the flow's and change with its next step.
type State struct {
	Time     float64   // accelerated, t
	Arc      float64   // t + the length of β's way: in this parameter the flow has speed ≤ 1 for every α, jumps included
	Beta     []float64 // (d)
	Dual     []float64 // s, (d)
	Integral []float64 // ∫β dt from 0, (d)
	Loss     float64   // ‖Xβ−y‖²/(2n)
	Stuck    bool      // no step leads on from here, as numbers overflow whatever its length: the flow ends before its time
}

// Check returns an *[InputError] for data, a start, a scale or a tolerance that the flow cannot take.
func (f Flow) Check() error {
	if err := checkData(f.X, f.Y); err != nil {
		return err
	}
	_, d := f.X.Dims()
	if err := checkStart(f.Start, d); err != nil {
		return err
	}
	if f.Tol != 0 && !(f.Tol >= 1e-12 && f.Tol <= 1e-2) {
		return &InputError{"Tol", f.Tol, "1e-12 to 1e-2, or 0 for 1e-8"}
	}
	return checkAlpha(f.Alpha)
}

// States yields the start and then the state after each step, up to the last of the ascending times in stops; a step ends at each of
// them exactly. A flow that leaves the range of float64 ends with a state that is Stuck. It panics on what Check refuses.
func (f Flow) States(stops ...float64) iter.Seq[State] {
	if err := f.Check(); err != nil {
		panic(err.Error())
	}
	return func(yield func(State) bool) {
		r := f.newRunner()
		if !yield(r.state) {
			return
		}
		for _, stop := range stops {
			for r.state.Time < stop {
				r.state.Stuck = !r.advance(stop)
				if !yield(r.state) || r.state.Stuck {
					return
				}
			}
		}
	}
}

// A mirror is the map between the dual and β at one α.
type mirror struct {
	double float64 // 2 ln(1/α)
}

// beta returns β = α² sinh(2 ln(1/α) s).
func (m mirror) beta(s float64) float64 {
	return 0.5*math.Exp(m.double*(s-1)) - 0.5*math.Exp(-m.double*(s+1))
}

// slope returns dβ/ds = 2 ln(1/α) sqrt(β² + α⁴).
func (m mirror) slope(s float64) float64 {
	return 0.5 * m.double * (math.Exp(m.double*(s-1)) + math.Exp(-m.double*(s+1)))
}

// dual returns s = arcsinh(β/α²)/(2 ln(1/α)), also where α² is below the smallest float64.
func (m mirror) dual(beta float64) float64 {
	if beta == 0 {
		return 0
	}
	b := math.Abs(beta)
	small := math.Exp(-m.double) // α²
	if b < small {
		return math.Asinh(beta/small) / m.double
	}
	ratio := small / b
	return math.Copysign(1+(math.Log(b)+math.Log1p(math.Sqrt(1+ratio*ratio)))/m.double, beta)
}

// Dual returns the dual s at which a coordinate of a flow of scale alpha has the value beta, arcsinh(β/α²)/(2 ln(1/α)).
func Dual(alpha, beta float64) float64 { return mirror{-2 * math.Log(alpha)}.dual(beta) }
