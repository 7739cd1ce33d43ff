package train

import "math"

// rate is the learning rate of step t (from 0) of a run of steps: linear warm-up, then half a cosine down to finalRate of the peak
// (Loshchilov and Hutter 2017, without restarts). The last steps then average the noise of fresh prompts out of the weights.
func rate(peak float64, t, warmup, steps int) float64 {
	if t < warmup {
		return peak * float64(t+1) / float64(warmup)
	}
	progress := float64(t-warmup) / float64(max(1, steps-warmup))
	return peak * (finalRate + (1-finalRate)*(1+math.Cos(math.Pi*progress))/2)
}

const finalRate = 0.02
