package model

import (
	"fmt"
	"math"
	"math/rand/v2"

	"unroll/checkpoints"
)

// A Step holds the constants of one step of LISTA-VM (Liu et al. 2024, §4; the instance-dependent form of LISTA-CP, Chen et al. 2018):
//
//	v     = z − w·M Xᵀ(X z − y)          w = 1 if the prompt is normalised, else the mask's weight (1/N paired, 1/j causal)
//	β⁺    = S_θ(v)
//	z⁺    = β⁺ + μ(β⁺ − β)               z = β throughout when the network has no momentum slots
type Step struct {
	M         []float64 // (d, d); nil is τ·I with the config's τ
	Theta, Mu float64
}

// steps are the constants that Init starts from: FISTA's momentum (Beck and Teboulle 2009, eq. 4.2–4.3) and one threshold.
func (c Config) steps() []Step {
	steps := make([]Step, c.sets())
	t := 1.0
	for k := range steps {
		next := (1 + math.Sqrt(1+4*t*t)) / 2
		steps[k] = Step{Theta: c.Theta, Mu: (t - 1) / next}
		t = next
	}
	if !c.Momentum || c.Shared {
		for k := range steps {
			steps[k].Mu = 0
		}
	}
	return steps
}

// headsNeeded is the number of heads that the construction uses: one linear head; two ReLU heads, because s = ReLU(s) − ReLU(−s); four
// where ReLU must also tell x-tokens from y-tokens (Liu et al. 2024, appendix C.1).
func (c Config) headsNeeded() int {
	switch {
	case c.Attention == Linear:
		return 1
	case c.Embedding == Paired:
		return 2
	default:
		return 4
	}
}

// unitsNeeded is the number of ReLU units: ±v−θ and ±v, and ±β when z and β are two things.
func (c Config) unitsNeeded() int {
	if c.Momentum {
		return 6 * c.D
	}
	return 4 * c.D
}

func (c Config) canConstruct() error {
	switch {
	case c.Embedding == Interleaved && c.Attention == Linear:
		return &ConfigError{"attention", Linear, "relu: a linear score cannot mask the x-tokens of the interleaved embedding"}
	case c.Heads < c.headsNeeded():
		return &ConfigError{"heads", fmt.Sprint(c.Heads), fmt.Sprintf("at least %d for init=construction", c.headsNeeded())}
	case c.Hidden < c.unitsNeeded():
		return &ConfigError{"hidden", fmt.Sprint(c.Hidden), fmt.Sprintf("at least %d for init=construction", c.unitsNeeded())}
	case c.Momentum && c.Writable() < 2*c.D:
		return &ConfigError{"width", fmt.Sprint(c.Width), fmt.Sprintf("at least %d for momentum=true", c.Fixed()+2*c.D)}
	}
	return nil
}

// Construct returns weights with which layer k carries out steps[k] exactly (one step for shared weights). Entries that such a layer has
// no use for are noise on the side that reads (Q, V, W₁) and zero on the side that writes (K, O, W₂): the map is the construction's to
// the bit, and yet every entry can be learned. A nil rng leaves them all zero.
func (c Config) Construct(steps []Step, rng *rand.Rand) []checkpoints.Param {
	if err := c.canConstruct(); err != nil {
		panic("model: Construct: " + err.Error())
	}
	if len(steps) != c.sets() {
		panic(fmt.Sprintf("model: Construct: %d steps for %d sets of weights", len(steps), c.sets()))
	}
	layers := make([]Layer, len(steps))
	for k, s := range steps {
		layers[k] = c.zeros()
		if rng != nil {
			c.spare(rng, layers[k])
		}
		c.attentionStep(layers[k], s)
		c.mlpStep(layers[k], s)
	}
	return c.Params(layers)
}

// spare draws the reading side of what the construction leaves unused: whole heads, columns of Q and V, ReLU units.
func (c Config) spare(rng *rand.Rand, l Layer) {
	sd := 1 / math.Sqrt(float64(c.Width))
	for h := range c.Heads {
		used := c.D + 1
		switch {
		case h >= c.headsNeeded():
			used = 0
		case c.Embedding == Interleaved:
			used = c.D + 2
		}
		for i := range c.Width {
			fill(rng, l.Q[h][i*c.Width+used:(i+1)*c.Width], sd)
			fill(rng, l.V[h][i*c.Width+used:(i+1)*c.Width], sd)
		}
		if used == 0 {
			fill(rng, l.K[h], sd)
		}
	}
	for i := range c.Width {
		fill(rng, l.W1[i*c.Hidden+c.unitsNeeded():(i+1)*c.Hidden], sd)
	}
}

// attentionStep makes attention add −w·M Xᵀ(Xz − y) to the slots of z. Scores are x_iᵀz − y_i, formed by one head when they are linear,
// by a head for each sign when they pass a ReLU, and by a pair for x_iᵀz and one for y_i when x-tokens must be silenced by −B(1−t_i).
func (c Config) attentionStep(l Layer, s Step) {
	for h := range c.headsNeeded() {
		sign := float64(1 - 2*(h%2))
		q, k := matrix{l.Q[h], c.Width}, matrix{l.K[h], c.Width}
		score := sign // of x_iᵀz − y_i
		switch {
		case c.Embedding == Paired:
			for j := range c.D {
				q.set(c.pointSlot()+j, j, sign)
				k.set(j, j, 1)
			}
			q.set(c.oneSlot(), c.D, -sign)
			k.set(c.ySlot(), c.D, 1)
		case h < 2:
			for j := range c.D {
				q.set(c.pointSlot()+j, j, sign)
				k.set(j, j, 1)
			}
		default:
			q.set(c.oneSlot(), c.D, sign)
			k.set(c.ySlot(), c.D, 1)
			score = -sign
		}
		if c.Embedding == Interleaved {
			q.set(c.oneSlot(), c.D+1, -silence)
			k.set(c.oneSlot(), c.D+1, 1)
			k.set(c.tSlot(), c.D+1, -1)
		}
		v, o := matrix{l.V[h], c.Width}, matrix{l.O[h], c.Writable()}
		for i := range c.D {
			v.set(i, i, 1)
			for j := range c.D {
				o.set(i, c.pointSlot()-c.Fixed()+j, -score*s.preconditioner(c, j, i))
			}
		}
	}
}

// silence is the constant B of the interleaved construction: above every |x_iᵀβ| and |y_i| that a prompt of unit-variance data shows.
const silence = 1000

// preconditioner is M_ji.
func (s Step) preconditioner(c Config, j, i int) float64 {
	switch {
	case s.M != nil:
		return s.M[j*c.D+i]
	case i == j:
		return c.Tau
	default:
		return 0
	}
}

// pointSlot is where the point z that the gradient is taken at begins: the first free slots with momentum, β itself without.
func (c Config) pointSlot() int {
	if c.Momentum {
		return c.betaSlot() + c.D
	}
	return c.betaSlot()
}

// mlpStep makes the MLP soft-threshold v, which attention left in the slots of z:
//
//	β ← β + S_θ(v) − β,   z ← v + (1+μ)S_θ(v) − μβ − v,   S_θ(v) = ReLU(v−θ) − ReLU(−v−θ),   u = ReLU(u) − ReLU(−u).
func (c Config) mlpStep(l Layer, s Step) {
	w1, w2 := matrix{l.W1, c.Hidden}, matrix{l.W2, c.Writable()}
	beta, z := 0, c.pointSlot()-c.Fixed()
	for j := range c.D {
		for half, sign := range []float64{1, -1} {
			soft, linear, old := (2*j + half), 2*c.D+(2*j+half), 4*c.D+(2*j+half)
			w1.set(c.pointSlot()+j, soft, sign)
			w1.set(c.oneSlot(), soft, -s.Theta)
			w1.set(c.pointSlot()+j, linear, sign)
			w2.set(soft, z+j, sign*(1+s.Mu))
			w2.set(linear, z+j, -sign)
			if c.Momentum {
				w1.set(c.betaSlot()+j, old, sign)
				w2.set(old, z+j, -sign*s.Mu)
				w2.set(soft, beta+j, sign)
				w2.set(old, beta+j, -sign)
			}
		}
	}
}

// matrix is a row-major view with so many columns.
type matrix struct {
	data []float64
	cols int
}

func (m matrix) set(i, j int, v float64) { m.data[i*m.cols+j] = v }
