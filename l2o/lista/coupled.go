package lista

import (
	"fmt"
	"slices"

	"unroll/checkpoints"
)

// Coupled returns the weights with which c, of LISTA-CP or LISTA-CPSS, takes the steps of a trained ALISTA or TiLISTA: W_k = γ_k W and the
// same θ_k. That is where its matrices should begin: Adam moves the size of a matrix by one number in a few hundred steps, and by a hundred
// thousand entries, each with its own noise, in many thousands.
func (c Config) Coupled(b *Bound) ([]checkpoints.Param, error) {
	from := b.Config
	if !slices.Contains([]string{LISTACP, LISTACPSS}, c.Method) || !slices.Contains([]string{ALISTA, TiLISTA}, from.Method) || c.Shared {
		return nil, fmt.Errorf("%s cannot start at the weights of %s", c.Method, from.Method)
	}
	if c.Normalise != from.Normalise {
		return nil, fmt.Errorf("%s with normalise=%v cannot start at %s with normalise=%v", c.Method, c.Normalise, from.Method, from.Normalise)
	}
	if c.K != from.K || c.M != from.M || c.N != from.N {
		return nil, fmt.Errorf("%s with K=%d for %d×%d cannot start at %s with K=%d for %d×%d", c.Method, c.K, c.M, c.N, from.Method, from.K, from.M, from.N)
	}
	name := "W"
	if from.Method == ALISTA {
		name = fixed + "W"
	}
	params := c.params()
	for i, p := range params {
		k := Layer(p.Name)
		values := b.weights.at(k, "logtheta").F64
		if p.Name == inLayer(k, "W") {
			values = scaled(b.weights.positive(k, "loggamma"), b.weights.at(k, name).F64)
		}
		params[i] = c.holding(p, values)
	}
	return params, nil
}
