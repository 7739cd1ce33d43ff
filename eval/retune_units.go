package eval

import "unroll/l2o/linop"

// units are those of the bands of a transform: those of bandUnits where a family has a weight for each and a blur makes them differ, 1 elsewhere.
// They are a blur's on crops of one size whatever the size of an image, so that learned weights of z mean the same on every one.
func (f imagingFamily) units(t imagingTask, w *linop.Wavelet) ([]float64, error) {
	if t.Blur == 0 || !f.perBand {
		return ones(len(w.Bands())), nil
	}
	s := linop.Shape{C: channels, H: unitSize, W: unitSize}
	a, err := t.blur(s)
	if err != nil {
		return nil, err
	}
	if w, err = linop.NewWavelet(s, levels); err != nil {
		return nil, err
	}
	return bandUnits(a, w)
}

const unitSize = 48

// bandUnits returns a unit c_b for each band of wavelet coefficients, in which z = u/c_b is what a layer works on: A Wᵀ diag(c) has norm one, and
// all of its bands have the same norm. A line blur of 25 pixels leaves a hundredth of ‖A‖² to the finest bands along the line, so that a step
// that the whole can take moves them a hundred times less than they could be moved. The minimisers stay, for a weight λ_b of |u| is a weight
// λ_b c_b of |z|: it is forward–backward in a diagonal metric (Combettes and Vũ, "Variable metric forward–backward splitting", Optimization
// 2014).
func bandUnits(a linop.Operator, w *linop.Wavelet) ([]float64, error) {
	bands := w.Bands()
	units := make([]float64, len(bands))
	for i := range bands {
		only := make([]float64, len(bands))
		only[i] = 1
		one, err := synthesis(a, w, only)
		if err != nil {
			return nil, err
		}
		units[i] = 1 / linop.Norm(one)
	}
	all, err := synthesis(a, w, units)
	if err != nil {
		return nil, err
	}
	norm := linop.Norm(all)
	for i := range units {
		units[i] /= norm
	}
	return units, nil
}

// synthesis is A Wᵀ diag(c), from coefficients in units of their bands.
func synthesis(a linop.Operator, w *linop.Wavelet, units []float64) (linop.Operator, error) {
	return linop.Compose(a, linop.Transposed{A: w}, &linop.Diagonal{D: everyBand(units, w)})
}

// everyBand gives every coefficient what its band has.
func everyBand(perBand []float64, w *linop.Wavelet) []float64 {
	var all []float64
	for i, b := range w.Bands() {
		for range b.Len() {
			all = append(all, perBand[i])
		}
	}
	return all
}
