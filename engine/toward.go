package engine

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine/kernel"
)

// Toward adds a step of learned length from x toward z to their graph, entry by entry as far as m says, which is data:
//
//	x′ = x + e^{log} m ∘ (z − x)        x, z, m of one shape, log (1)
//
// With a mask for m and its pixels for z it is a gradient step on ½‖m ∘ (x − z)‖²; with ones for m and a denoised x for z it is relaxation. It
// is one fused op, differentiable in x, z and log, and owns its buffers.
func Toward(x, z, m, log *gorgonia.Node) (*gorgonia.Node, error) {
	if x.Dtype() == tensor.Float64 {
		return addToward[float64](x, z, m, log)
	}
	return addToward[float32](x, z, m, log)
}

func addToward[F kernel.Float](x, z, m, log *gorgonia.Node) (*gorgonia.Node, error) {
	shape := x.Shape().Clone()
	if !z.Shape().Eq(shape) || !m.Shape().Eq(shape) || !log.Shape().Eq(tensor.Shape{1}) {
		return nil, fmt.Errorf("engine: a step from %v toward %v as far as %v and %v say, want three of one shape and (1)", shape, z.Shape(), m.Shape(), log.Shape())
	}
	n := shape.TotalSize()
	out, dX, dZ, dLog := make([]F, n), make([]F, n), make([]F, n), make([]F, 1)
	o := &gradOp{op: newOp("Toward", x.Dtype(), shape, shape, shape, shape, tensor.Shape{1}), wrt: []bool{true, true, false, true}}
	o.grads = []*tensor.Dense{dense(shape, dX), dense(shape, dZ), nil, dense(tensor.Shape{1}, dLog)}
	value := dense(shape, out)
	o.compute = func(in []*tensor.Dense) (*tensor.Dense, error) {
		x, z, m, length := values[F](in[0]), values[F](in[1]), values[F](in[2]), expOf(values[F](in[3]))
		for i, v := range x {
			out[i] = v + length*m[i]*(z[i]-v)
		}
		return value, nil
	}
	o.back = func(in []*tensor.Dense) {
		x, z, m, length, g := values[F](in[0]), values[F](in[1]), values[F](in[2]), expOf(values[F](in[3])), values[F](in[5])
		sum := 0.0
		for i, v := range g {
			dZ[i] = length * m[i] * v
			dX[i] = v - dZ[i]
			sum += float64(dZ[i]) * float64(z[i]-x[i])
		}
		dLog[0] = F(sum)
	}
	step, err := gorgonia.ApplyOp(o, x, z, m, log)
	if err != nil {
		return nil, fmt.Errorf("engine: step: %w", err)
	}
	return step, nil
}

func expOf[F kernel.Float](log []F) F { return F(math.Exp(float64(log[0]))) }
