package model

import (
	"fmt"
	"math"

	"unroll/checkpoints"
	"unroll/engine/kernel"
)

// A network is a set of weights made ready to run: the products Q Kᵀ and V O of a head depend on no prompt.
type network[F kernel.Float] struct {
	Config
	layers []weights[F]
}

type weights[F kernel.Float] struct {
	score  [][]F // per head Q Kᵀ (D, D)
	write  [][]F // per head V O (D, W)
	w1, w2 []F   // (D, F), (F, W)
}

// newNetwork takes the parameters in the order of Config.Params, shapes already checked.
func newNetwork[F kernel.Float](c Config, values [][]F) *network[F] {
	d, w := c.Width, c.Writable()
	net := &network[F]{Config: c, layers: make([]weights[F], c.sets())}
	for l := range net.layers {
		p := values[l*PerLayer : (l+1)*PerLayer]
		layer := weights[F]{w1: p[4], w2: p[5]}
		for h := range c.Heads {
			at, square := h*d*d, d*d
			score, write := make([]F, d*d), make([]F, d*w)
			kernel.Gemm(false, true, d, d, d, 1, p[2][at:at+square], d, p[0][at:at+square], d, false, score, d)
			kernel.Gemm(false, false, d, w, d, 1, p[3][at:at+square], d, p[1][h*d*w:(h+1)*d*w], w, false, write, w)
			layer.score, layer.write = append(layer.score, score), append(layer.write, write)
		}
		net.layers[l] = layer
	}
	return net
}

// A workspace holds what a forward pass writes, for prompts of n demonstration pairs.
type workspace[F kernel.Float] struct {
	n, tokens int
	mask      []F // (T, T)
	h         []F // (T, D)
	projected []F // (T, D)
	scores    []F // (T, T)
	mixed     []F // (T, D)
	attended  []F // (T, W)
	hidden    []F // (T, F)
	spectral  spectral
}

func (c *network[F]) newWorkspace(n int) *workspace[F] {
	t := c.Tokens(n)
	ws := &workspace[F]{n: n, tokens: t, mask: make([]F, t*t), h: make([]F, t*c.Width), projected: make([]F, t*c.Width),
		scores: make([]F, t*t), mixed: make([]F, t*c.Width), attended: make([]F, t*c.Writable()), hidden: make([]F, t*c.Hidden)}
	Mask(c.Config, ws.mask, n)
	return ws
}

// layer carries H in the workspace through the k-th layer; the recurrence is Config's.
func (c *network[F]) layer(k int, ws *workspace[F]) {
	l, t, d, w, fixed := c.layers[k%len(c.layers)], ws.tokens, c.Width, c.Writable(), c.Fixed()
	for h := range c.Heads {
		kernel.Gemm(false, false, t, d, d, 1, ws.h, d, l.score[h], d, false, ws.projected, d) // (T, D)
		kernel.Gemm(false, true, t, t, d, 1, ws.projected, d, ws.h, d, false, ws.scores, t)   // (T, T)
		if c.Attention == ReLU {
			kernel.ReLU(ws.scores, ws.scores)
		}
		for i, m := range ws.mask {
			ws.scores[i] *= m
		}
		kernel.Gemm(false, false, t, d, t, 1, ws.scores, t, ws.h, d, false, ws.mixed, d)         // (T, D)
		kernel.Gemm(false, false, t, w, d, 1, ws.mixed, d, l.write[h], w, h > 0, ws.attended, w) // (T, W)
	}
	for j := range t {
		kernel.Add(ws.h[j*d+fixed:(j+1)*d], ws.h[j*d+fixed:(j+1)*d], ws.attended[j*w:(j+1)*w])
	}
	kernel.Gemm(false, false, t, c.Hidden, d, 1, ws.h, d, l.w1, c.Hidden, false, ws.hidden, c.Hidden) // (T, F)
	kernel.ReLU(ws.hidden, ws.hidden)
	kernel.Gemm(false, false, t, w, c.Hidden, 1, ws.hidden, c.Hidden, l.w2, w, true, ws.h[fixed:], d) // (T, W) into (T, D)
	if c.Saturate > 0 {
		for j := range t {
			saturate(ws.h[j*d+fixed:(j+1)*d], F(c.Saturate))
		}
	}
}

// saturate bounds the state: sat(v) = v for |v| ≤ c, and beyond that ±(c + ½c·tanh((|v|−c)/½c)), which is C¹ and below 1.5c. Without it
// a few prompts of a batch diverge from layer to layer and the mean error is theirs alone.
func saturate[F kernel.Float](v []F, c F) {
	for i, x := range v {
		if inside := min(max(x, -c), c); x != inside {
			v[i] = inside + c/2*F(math.Tanh(float64((x-inside)/(c/2))))
		}
	}
}

// run embeds a prompt and yields the estimate after 0, 1, …, K layers at the token given; the slice is valid until the next one.
func (c *network[F]) run(ws *workspace[F], x, y, query []float64, token int, yield func(k int, beta []F) bool) {
	if len(y) != ws.n {
		panic(fmt.Sprintf("model: a prompt of %d pairs in a workspace for %d", len(y), ws.n))
	}
	embed(c.Config, ws.h, x, y, query, &ws.spectral)
	beta := ws.h[token*c.Width+c.betaSlot():][:c.D]
	for k := 0; k <= c.K; k++ {
		if k > 0 {
			c.layer(k-1, ws)
		}
		if !yield(k, beta) {
			return
		}
	}
}

// last embeds a prompt and writes the query token's estimate after all layers into dst (d).
func (c *network[F]) last(ws *workspace[F], dst, x, y, query []float64) {
	if len(y) != ws.n || len(dst) != c.D {
		panic(fmt.Sprintf("model: a prompt of %d pairs and an estimate of %d numbers in a workspace for %d pairs, d=%d", len(y), len(dst), ws.n, c.D))
	}
	embed(c.Config, ws.h, x, y, query, &ws.spectral)
	for k := range c.K {
		c.layer(k, ws)
	}
	for i, v := range ws.h[(ws.tokens-1)*c.Width+c.betaSlot():][:c.D] {
		dst[i] = float64(v)
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
