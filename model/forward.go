package model

import (
	"fmt"
	"math"

	"unroll/checkpoints"
	"unroll/engine/kernel"
)

// A network is a set of weights made ready to run: the products Q Kᵀ and V O of a head depend on no prompt. The heads lie side by side.
type network[F kernel.Float] struct {
	Config
	layers []weights[F]
}

type weights[F kernel.Float] struct {
	score  []F // Q Kᵀ (D, H·D)
	write  []F // V O (H·D, W)
	w1, w2 []F // (D, F), (F, W)
}

// newNetwork takes the parameters in the order of Config.Params, shapes already checked.
func newNetwork[F kernel.Float](c Config, values [][]F) *network[F] {
	d, w, wide := c.Width, c.Writable(), c.Heads*c.Width
	net := &network[F]{Config: c, layers: make([]weights[F], c.sets())}
	for l := range net.layers {
		p := values[l*PerLayer : (l+1)*PerLayer]
		layer := weights[F]{score: make([]F, d*wide), write: make([]F, wide*w), w1: p[4], w2: p[5]}
		for h := range c.Heads {
			square, rect := h*d*d, h*d*w
			kernel.Gemm(false, true, d, d, d, 1, p[2][square:], d, p[0][square:], d, false, layer.score[h*d:], wide)
			kernel.Gemm(false, false, d, w, d, 1, p[3][square:], d, p[1][rect:], w, false, layer.write[rect:], w)
		}
		net.layers[l] = layer
	}
	return net
}

// groupRows is about how many tokens go through the network together: enough that its weights are read from the first cache, few enough
// that what they need besides stays in the second.
const groupRows = 96

// A workspace holds what a forward pass writes, for a group of G prompts of n demonstration pairs.
type workspace[F kernel.Float] struct {
	n, tokens, group int
	keys             []int     // (T) that a token attends to
	weight           []F       // (T) of each of them
	h                []F       // (G, T, D)
	beta             []F       // (d) in the units of y over a power of two
	wide             []float64 // (d) in the units of y
	last             []F       // the query token of each prompt (G, D)
	projected        []F       // (G·T, H·D)
	scores           []F       // (G·T·H, T)
	mixed            []F       // (G·T, H·D)
	attended         []F       // (G·T, W)
	hidden           []F       // (G·T, F)
	spectral         spectral
}

func (c *network[F]) newWorkspace(n int) *workspace[F] {
	if n < 1 && c.Embedding == Paired && !c.Normalise {
		panic(fmt.Sprintf("model: a prompt of %d pairs, whose keys weigh 1/N each: want at least one, or a normalised or interleaved network", n))
	}
	t, wide := c.Tokens(n), c.Heads*c.Width
	g := max(1, groupRows/t)
	ws := &workspace[F]{n: n, tokens: t, group: g, h: make([]F, g*t*c.Width), last: make([]F, g*c.Width), beta: make([]F, c.D),
		wide:      make([]float64, c.D),
		projected: make([]F, g*t*wide),
		scores:    make([]F, g*t*c.Heads*t), mixed: make([]F, g*t*wide), attended: make([]F, g*t*c.Writable()), hidden: make([]F, g*t*c.Hidden)}
	for j := range t {
		keys, weight := Attends(c.Config, j, n)
		ws.keys, ws.weight = append(ws.keys, keys), append(ws.weight, F(weight))
	}
	return ws
}

// layer carries the last q tokens of each prompt, whose rows (prompts·q, D) are among or copied from those of H in the workspace,
// through the k-th layer; the recurrence is Config's.
func (c *network[F]) layer(k int, ws *workspace[F], prompts int, rows []F) {
	l, t, d, w, wide := c.layers[k%len(c.layers)], ws.tokens, c.Width, c.Writable(), c.Heads*c.Width
	r := len(rows) / d
	q := r / prompts
	kernel.Gemm(false, false, r, wide, d, 1, rows, d, l.score, wide, false, ws.projected, wide)                                         // (r, H·D)
	kernel.GemmBatch(false, true, prompts, q*c.Heads, t, d, 1, ws.projected, d, q*wide, ws.h, d, t*d, false, ws.scores, t, q*c.Heads*t) // (r·H, T)
	c.activate(ws, q, ws.scores[:r*c.Heads*t])
	kernel.GemmBatch(false, false, prompts, q*c.Heads, d, t, 1, ws.scores, t, q*c.Heads*t, ws.h, d, t*d, false, ws.mixed, d, q*wide) // (r·H, D)
	kernel.Gemm(false, false, r, w, wide, 1, ws.mixed, wide, l.write, w, false, ws.attended, w)                                      // (r, W)
	fixed := c.Fixed()
	for j := range r {
		kernel.Axpy(ws.weight[t-q+j%q], ws.attended[j*w:(j+1)*w], rows[j*d+fixed:(j+1)*d])
	}
	kernel.Gemm(false, false, r, c.Hidden, d, 1, rows, d, l.w1, c.Hidden, false, ws.hidden, c.Hidden) // (r, F)
	hidden := ws.hidden[:r*c.Hidden]
	kernel.ReLU(hidden, hidden)
	kernel.Gemm(false, false, r, w, c.Hidden, 1, hidden, c.Hidden, l.w2, w, true, rows[fixed:], d) // (r, W) into (r, D)
	if c.Saturate > 0 {                                                                            // without it a few prompts of a batch diverge from layer to layer and the mean error is theirs alone
		for j := range r {
			kernel.Saturate(rows[j*d+fixed:(j+1)*d], F(c.Saturate))
		}
	}
}

// activate turns the scores (prompts·q·H, T) of the last q tokens into what each is multiplied with, zero where a token does not attend.
func (c *network[F]) activate(ws *workspace[F], q int, scores []F) {
	if c.Attention == ReLU {
		kernel.ReLU(scores, scores)
	}
	t := ws.tokens
	for row := range len(scores) / t {
		token := t - q + row/c.Heads%q
		clear(scores[row*t+ws.keys[token] : (row+1)*t])
	}
}

// run embeds a prompt and yields the estimate after 0, 1, …, K layers at the token given; the slice is valid until the next one.
func (c *network[F]) run(ws *workspace[F], x, y, query []float64, token int, yield func(k int, beta []float64) bool) {
	if len(y) != ws.n {
		panic(fmt.Sprintf("model: a prompt of %d pairs in a workspace for %d", len(y), ws.n))
	}
	h := ws.h[:ws.tokens*c.Width]
	embed(c.Config, h, x, y, query, &ws.spectral)
	slots := h[token*c.Width+c.betaSlot():][:c.D]
	unit, power := math.Frexp(c.Unit(y)) // the power of two apart: F may be too narrow for it
	unit, power = 2*unit, power-1        // so that 1 is 1·2⁰
	for k := 0; k <= c.K; k++ {
		if k > 0 {
			c.layer(k-1, ws, 1, h)
		}
		kernel.Scale(ws.beta, F(unit), slots)
		for i, v := range ws.beta {
			ws.wide[i] = math.Ldexp(float64(v), power)
		}
		if !yield(k, ws.wide) {
			return
		}
	}
}

// estimate writes the query tokens' estimates after all layers into dst (B, d), for prompts x (B, n, d), y (B, n) and query (B, d) or nil.
func (c *network[F]) estimate(ws *workspace[F], dst, x, y, query []float64) {
	prompts, n, d := len(dst)/c.D, ws.n, c.D
	if len(dst) != prompts*d || len(x) != prompts*n*d || len(y) != prompts*n || query != nil && len(query) != prompts*d {
		panic(fmt.Sprintf("model: estimates of %d numbers for %d of X, %d of y and %d of queries, in a workspace for %d pairs, d=%d",
			len(dst), len(x), len(y), len(query), n, d))
	}
	for from := 0; from < prompts; from += ws.group {
		to := min(from+ws.group, prompts)
		var q []float64
		if query != nil {
			q = query[from*d : to*d]
		}
		c.estimateGroup(ws, dst[from*d:to*d], x[from*n*d:to*n*d], y[from*n:to*n], q)
	}
}

// estimateGroup is estimate for no more prompts than a group. In the last layer nobody reads any token but the query's.
func (c *network[F]) estimateGroup(ws *workspace[F], dst, x, y, query []float64) {
	prompts, n, size := len(dst)/c.D, ws.n, ws.tokens*c.Width
	for i := range prompts {
		var q []float64
		if query != nil {
			q = query[i*c.D : (i+1)*c.D]
		}
		embed(c.Config, ws.h[i*size:(i+1)*size], x[i*n*c.D:(i+1)*n*c.D], y[i*n:(i+1)*n], q, &ws.spectral)
	}
	for k := range c.K - 1 {
		c.layer(k, ws, prompts, ws.h[:prompts*size])
	}
	for i := range prompts {
		copy(ws.last[i*c.Width:(i+1)*c.Width], ws.h[(i+1)*size-c.Width:])
	}
	c.layer(c.K-1, ws, prompts, ws.last[:prompts*c.Width])
	for i := range prompts {
		unit := c.Unit(y[i*n : (i+1)*n])
		for j, v := range ws.last[i*c.Width+c.betaSlot():][:c.D] {
			dst[i*c.D+j] = unit * float64(v)
		}
	}
}

// arrays picks the values of the precision F out of the parameters.
func arrays[F kernel.Float](params []checkpoints.Param, pick func(checkpoints.Param) []F) [][]F {
	values := make([][]F, len(params))
	for i, p := range params {
		values[i] = pick(p)
	}
	return values
}
