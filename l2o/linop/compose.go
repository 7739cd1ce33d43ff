package linop

import "fmt"

// A Composition is A₁A₂…: what the last operator makes is given to the one before it. Several goroutines may use one if they may use its
// parts.
type Composition struct {
	parts   []Operator
	between []*scratch // after part k+1 and before part k
}

// Compose returns A₁A₂…, of at least one operator. Two neighbours that do not fit are a *[ShapeError].
func Compose(parts ...Operator) (*Composition, error) {
	if len(parts) == 0 {
		return nil, &ShapeError{"number of operators to compose", 0, "at least 1"}
	}
	a := &Composition{parts: parts}
	for k := range parts[1:] {
		_, n := parts[k].Dims()
		if m, _ := parts[k+1].Dims(); m != n {
			return nil, &ShapeError{fmt.Sprintf("number of rows of operator %d of a composition", k+1), m, fmt.Sprintf("%d, the columns of operator %d", n, k)}
		}
		a.between = append(a.between, &scratch{length: n})
	}
	return a, nil
}

// Dims returns the rows of the first part and the columns of the last.
func (a *Composition) Dims() (m, n int) {
	m, _ = a.parts[0].Dims()
	_, n = a.parts[len(a.parts)-1].Dims()
	return m, n
}

// Apply sets dst = A₁(A₂(… x)).
func (a *Composition) Apply(dst, x []float64) {
	var held *[]float64
	for k := len(a.parts) - 1; k > 0; k-- {
		to := a.between[k-1].get()
		a.parts[k].Apply(*to, x)
		if held != nil {
			a.between[k].put(held)
		}
		held, x = to, *to
	}
	a.parts[0].Apply(dst, x)
	if held != nil {
		a.between[0].put(held)
	}
}

// Adjoint sets dst = …(A₂ᵀ(A₁ᵀ y)).
func (a *Composition) Adjoint(dst, y []float64) {
	var held *[]float64
	last := len(a.parts) - 1
	for k, s := range a.between {
		to := s.get()
		a.parts[k].Adjoint(*to, y)
		if held != nil {
			a.between[k-1].put(held)
		}
		held, y = to, *to
	}
	a.parts[last].Adjoint(dst, y)
	if held != nil {
		a.between[last-1].put(held)
	}
}

// A Transposed is Aᵀ: with the adjoint of an orthonormal transform, its inverse.
type Transposed struct{ A Operator }

// Dims returns the columns and rows of A.
func (a Transposed) Dims() (m, n int) {
	n, m = a.A.Dims()
	return m, n
}

// Apply sets dst = Aᵀx.
func (a Transposed) Apply(dst, x []float64) { a.A.Adjoint(dst, x) }

// Adjoint sets dst = A y.
func (a Transposed) Adjoint(dst, y []float64) { a.A.Apply(dst, y) }
