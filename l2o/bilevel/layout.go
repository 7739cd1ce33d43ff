package bilevel

import (
	"fmt"
	"math"
	"slices"
)

// A Layout says what the parameters θ of a [ForwardBackward] mean. Steps and strengths are products of positive factors, of which θ holds the
// logarithms: the strength of group b in layer k is
//
//	s_{k,b} = exp Σ_{i ∈ F(k,b)} θ_i,
//
// so that one λ, one λ_j for each scale, one weight for each channel and band, one threshold for each layer and the step τ itself (a prox is
// taken at τ times its weights) multiply as they are asked for, in any combination. What is not positive, a denoiser's own weights, follows as it
// is.
type Layout struct {
	Names   []string  // of θ's positive factors, in their order
	tau     []int     // by layer, of log τ
	factors [][][]int // F (K, groups)
	start   []float64 // the initial θ
}

// NewLayout returns a layout for K layers of a backward step with so many groups, whose step is 1 until [Layout.Step] gives it another, and
// whose strengths are 1.
func NewLayout(K, groups int) *Layout {
	l := &Layout{tau: make([]int, K), factors: make([][][]int, K)}
	for k := range K {
		l.tau[k], l.factors[k] = -1, make([][]int, groups)
	}
	return l
}

// Step adds a learned step τ for all layers. A prox takes it as a factor of its strengths too, a denoiser does not.
func (l *Layout) Step(tau float64, ofPenalty bool) *Layout {
	at := l.add("tau", tau)
	for k := range l.tau {
		l.tau[k] = at
		for b := range l.factors[k] {
			if ofPenalty {
				l.factors[k][b] = append(l.factors[k][b], at)
			}
		}
	}
	return l
}

// Lambda adds one factor of all strengths: λ, or a denoiser's strength.
func (l *Layout) Lambda(name string, lambda float64) *Layout {
	return l.Factor(name, []float64{lambda}, func(int, int) int { return 0 })
}

// PerLayer adds one factor for each layer of the block: thresholds, or strengths of a denoiser, that change from step to step.
func (l *Layout) PerLayer(name string, value float64) *Layout {
	return l.Factor(name, slices.Repeat([]float64{value}, len(l.tau)), func(k, _ int) int { return k })
}

// PerGroup adds one factor for each group, such as each band of each channel.
func (l *Layout) PerGroup(name string, value float64) *Layout {
	return l.Factor(name, slices.Repeat([]float64{value}, len(l.factors[0])), func(_, b int) int { return b })
}

// Factor adds len(values) factors, of which which(k, b) is one of the strength of group b in layer k, or none
// where it is negative: with the scale of a band, one λ_j a scale.
func (l *Layout) Factor(name string, values []float64, which func(k, b int) int) *Layout {
	first := len(l.Names)
	for i, v := range values {
		if len(values) == 1 {
			l.add(name, v)
		} else {
			l.add(fmt.Sprintf("%s[%d]", name, i), v)
		}
	}
	for k := range l.factors {
		for b := range l.factors[k] {
			if i := which(k, b); i >= 0 {
				l.factors[k][b] = append(l.factors[k][b], first+i)
			}
		}
	}
	return l
}

// Weights adds a denoiser's own weights, after all factors.
func (l *Layout) Weights(w []float64) *Layout {
	l.start = append(l.start, w...)
	return l
}

// Start returns a copy of the initial θ.
func (l *Layout) Start() []float64 { return slices.Clone(l.start) }

func (l *Layout) add(name string, value float64) int {
	if len(l.start) > len(l.Names) {
		panic("bilevel: a factor after the weights")
	}
	if !(value > 0) || math.IsInf(value, 1) {
		panic(fmt.Sprintf("bilevel: %s is %v, want a finite number > 0", name, value))
	}
	l.Names = append(l.Names, name)
	l.start = append(l.start, math.Log(value))
	return len(l.Names) - 1
}

// step returns τ_k.
func (l *Layout) step(theta []float64, k int) float64 {
	if l.tau[k] < 0 {
		return 1
	}
	return math.Exp(theta[l.tau[k]])
}

// strengths sets s (groups) to those of layer k.
func (l *Layout) strengths(s, theta []float64, k int) {
	for b, factors := range l.factors[k] {
		sum := 0.0
		for _, i := range factors {
			sum += theta[i]
		}
		s[b] = math.Exp(sum)
	}
}

// chain adds what a slope with respect to the strengths of layer k is to θ: ∂s/∂θ_i = s for every factor i of s.
func (l *Layout) chain(slope, s, ds []float64, k int) {
	for b, factors := range l.factors[k] {
		for _, i := range factors {
			slope[i] += s[b] * ds[b]
		}
	}
}
