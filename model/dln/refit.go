package dln

import "math"

// refit moves β to the minimiser of L over the signs that the dual allows (Lawson and Hanson 1974, algorithm NNLS). It starts from the
// last saddle, where ∇L vanishes on the active set, and lets coordinates of the boundary enter one at a time, the steepest first.
func (w *walk) refit(step int) {
	for {
		j := w.steepest()
		if j < 0 {
			return
		}
		if !w.f.add(j) || !w.descend(j) {
			w.stuck = true
			w.suspect(&AmbiguityError{Step: step, Coordinates: w.f.dependence(j), Singular: true})
			return
		}
		w.gradient()
	}
}

// steepest returns the coordinate of the boundary that lowers L fastest by entering with its sign, −1 if none does.
func (w *walk) steepest() int {
	best, at := 0.0, -1
	for i, s := range w.s {
		if math.Abs(s) == 1 && -s*w.g[i] > best {
			best, at = -s*w.g[i], i
		}
	}
	return at
}

// descend moves β towards the least-squares solution on the active set until a coordinate reaches 0, drops that one, and so on until it
// arrives. It reports false, without the coordinate that has entered, if that one moves against its sign, which only rounding makes it do.
func (w *walk) descend(entered int) bool {
	for {
		w.z = w.z[:len(w.f.cols)]
		w.f.solve(w.z, w.residual, w.y)
		share, stop := w.room()
		if stop < 0 {
			for p, j := range w.f.cols {
				w.beta[j] = w.z[p]
			}
			return true
		}
		stuck := w.f.cols[stop] == entered && w.beta[entered] == 0
		for p, j := range w.f.cols {
			w.beta[j] += share * (w.z[p] - w.beta[j])
		}
		w.beta[w.f.cols[stop]] = 0
		w.f.drop(stop)
		if stuck {
			return false
		}
	}
}

// room returns the share of the way to z after which the first coordinate of P is 0, and its position; −1 if all of z has its sign.
func (w *walk) room() (share float64, stop int) {
	share, stop = 1, -1
	least := w.blur()
	for p, j := range w.f.cols {
		if ahead := w.s[j] * w.z[p]; ahead*w.sizes[j] <= least {
			left := math.Abs(w.beta[j])
			if to := left / (left + max(0, -ahead)); left == 0 || to < share || stop < 0 {
				share, stop = to, p
				if left == 0 {
					return 0, p
				}
			}
		}
	}
	return share, stop
}
