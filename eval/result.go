package eval

// A DecayResult is everything a report of the study says.
type DecayResult struct {
	Study       Decay
	Hash        string // of the test prompts
	Curves      []Curve
	Differences []Difference // of the first curve from every other, at the last layer
	Tunings     []Tuning     // of ISTA and FISTA
	Lasso       LassoLevel
	Sections    []Section // what the caller adds to the report; Run leaves it empty
}

// A Curve is one method's error after every layer.
type Curve struct {
	Method string
	Layers []Summary // (K+1)
	Rate   Rate
	Level  bool // a converged limit: one number that stands at every layer and has no rate
}

// Last is the summary of the last layer.
func (c Curve) Last() Summary { return c.Layers[len(c.Layers)-1] }

// A Difference is the NMSE of Method minus that of Reference at the last layer, in dB, with the interval of the paired bootstrap.
type Difference struct {
	Method, Reference string
	DB                float64
	CI                Interval
}

// A Tuning is the weight a method was given at every depth.
type Tuning struct {
	Method  string
	Weights []Weight // (K+1)
}

// series is one method's squared errors: (P, K+1), or (P, 1) for a level.
type series struct {
	method string
	errors matrix
}

// summarise fills Curves and Differences. Signal is ‖x*‖² of every prompt, (P, 1).
func (r *DecayResult) summarise(all []series, signal matrix) {
	boot := bootstrap{r.Study.Seed, r.Study.Workers}
	power, powers := mean(signal.Data), boot.means(signal)
	last := make([][]float64, len(all)) // NMSE of the last layer in every replicate, dB
	for i, s := range all {
		replicates := boot.means(s.errors)
		c := Curve{Method: s.method, Level: s.errors.Cols == 1}
		means := make([]float64, s.errors.Cols)
		for k := range means {
			one := summarise(s.errors.Col(k), power)
			last[i] = replicates.Col(k)
			one.MeanCI = percentiles(last[i])
			for j, v := range last[i] {
				last[i][j] = decibel(v / powers.Data[j])
			}
			one.NMSECI = percentiles(last[i])
			c.Layers = append(c.Layers, one)
			means[k] = one.Mean
		}
		if c.Level {
			for len(c.Layers) <= r.Study.K {
				c.Layers = append(c.Layers, c.Layers[0])
			}
		} else {
			c.Rate = fitRate(means, replicates)
		}
		r.Curves = append(r.Curves, c)
	}
	for i, c := range r.Curves[1:] {
		d := Difference{r.Curves[0].Method, c.Method, r.Curves[0].Last().NMSE - c.Last().NMSE, Interval{}}
		gaps := make([]float64, len(last[0]))
		for j := range gaps {
			gaps[j] = last[0][j] - last[i+1][j]
		}
		d.CI = percentiles(gaps)
		r.Differences = append(r.Differences, d)
	}
}
