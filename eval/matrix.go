package eval

// A matrix holds one row of values per prompt or per replicate, row-major.
type matrix struct {
	Rows, Cols int
	Data       []float64 // (rows, cols)
}

func newMatrix(rows, cols int) matrix {
	return matrix{rows, cols, make([]float64, rows*cols)}
}

// append returns m with the rows of n after its own.
func (m matrix) append(n matrix) matrix {
	return matrix{m.Rows + n.Rows, m.Cols, append(m.Data, n.Data...)}
}

// Row returns row i; it shares the matrix's memory.
func (m matrix) Row(i int) []float64 { return m.Data[i*m.Cols : (i+1)*m.Cols] }

// Col returns a copy of column j.
func (m matrix) Col(j int) []float64 {
	v := make([]float64, m.Rows)
	for i := range v {
		v[i] = m.Data[i*m.Cols+j]
	}
	return v
}

// weighted sets dst to Σᵢ cᵢ·rowᵢ / rows, summed in order.
func (m matrix) weighted(dst []float64, c []uint16) {
	clear(dst)
	for i, n := range c {
		if n == 0 {
			continue
		}
		w := float64(n)
		for j, v := range m.Row(i) {
			dst[j] += w * v
		}
	}
	for j := range dst {
		dst[j] /= float64(m.Rows)
	}
}
