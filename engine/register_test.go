package engine

import (
	"slices"
	"testing"

	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"unroll/engine/kernel"
)

// register is Register until the end of a test.
func register(t *testing.T) {
	stock, single, double := gorgonia.WhichBLAS(), blas32.Implementation(), blas64.Implementation()
	t.Cleanup(func() {
		gorgonia.Use(stock)
		blas32.Use(single)
		blas64.Use(double)
	})
	Register()
}

func TestRegister(t *testing.T) {
	register(t)
	var want kernel.BLAS
	if gorgonia.WhichBLAS() != want || tensor.WhichBLAS() != want || blas32.Implementation() != want || blas64.Implementation() != want {
		t.Error("not in use everywhere")
	}
}

// Whole numbers, small enough that every order of additions gives the same bits.
func whole[F kernel.Float](n, step int) []F {
	x := make([]F, n)
	for i := range x {
		x[i] = F(i*step%11 - 5)
	}
	return x
}

// productsByLoops is C = A·B for each sample, and the derivatives of Σ weight·C.
func productsByLoops[F kernel.Float](batch, m, n, k int, a, b, weight []F) (c, da, db []F) {
	c, da, db = make([]F, batch*m*n), make([]F, batch*m*k), make([]F, batch*k*n)
	for q := range batch {
		for i := range m {
			for j := range n {
				for p := range k {
					ij, ip, pj := (q*m+i)*n+j, (q*m+i)*k+p, (q*k+p)*n+j
					c[ij] += a[ip] * b[pj]
					da[ip] += weight[ij] * b[pj]
					db[pj] += weight[ij] * a[ip]
				}
			}
		}
	}
	return c, da, db
}

// Products of stock ops and their gradients are what loops give, one by one and in a batch.
func TestStockProductsOnTheKernels(t *testing.T) {
	register(t)
	for _, batch := range []int{1, 3} {
		testProducts[float32](t, tensor.Float32, batch)
		testProducts[float64](t, tensor.Float64, batch)
	}
}

func testProducts[F kernel.Float](t *testing.T, dt tensor.Dtype, batch int) {
	const m, n, k = 17, 21, 30
	g := gorgonia.NewGraph()
	input := func(name string, x []F, rows, cols int) *gorgonia.Node {
		shape := tensor.Shape{batch, rows, cols}
		if batch == 1 {
			shape = shape[1:]
		}
		value := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(x))
		return gorgonia.NewTensor(g, dt, len(shape), gorgonia.WithName(name), gorgonia.WithShape(shape...), gorgonia.WithValue(value))
	}
	a, b, weight := whole[F](batch*m*k, 3), whole[F](batch*k*n, 7), whole[F](batch*m*n, 4)
	c, da, db := productsByLoops(batch, m, n, k, a, b, weight)

	x, y, w := input("a", a, m, k), input("b", b, k, n), input("weight", weight, m, n)
	var z *gorgonia.Node
	if batch == 1 {
		z = gorgonia.Must(gorgonia.Mul(x, y))
	} else {
		z = gorgonia.Must(gorgonia.BatchedMatMul(x, y))
	}
	loss := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(z, w))))
	grads, err := gorgonia.Grad(loss, x, y)
	if err != nil {
		t.Fatal(err)
	}
	machine, err := NewMachine(g, z, grads[0], grads[1])
	if err != nil {
		t.Fatal(err)
	}
	defer machine.Close()
	if err := machine.Run(); err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]F{c, da, db} {
		if got := machine.Value(i).Data().([]F); !slices.Equal(got, want) {
			t.Errorf("%v, batch of %d: value %d is\n%v, want\n%v", dt, batch, i, got, want)
		}
	}
}
