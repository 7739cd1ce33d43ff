package eval

import (
	"slices"

	"unroll/data"
	"unroll/l2o/bilevel"
)

// A retuneMethod is parameters found in a way, and so many layers with them.
type retuneMethod struct {
	Name   string
	way    string             // "" for what nothing has moved
	layers func(s Retune) int // 0: the image as it is
}

const longer = 50 // restarts at test time in the place of T

// retuneMethods are in the order of psnr.csv.
var retuneMethods = []retuneMethod{
	{Name: "degraded", layers: func(Retune) int { return 0 }},
	{Name: "not learned", layers: fullRun},
	{Name: "grid-searched", way: byGrid, layers: fullRun},
	{Name: "truncated unrolling", way: byTruncated, layers: oneBlock},
	{Name: "truncated, restarted", way: byTruncated, layers: fullRun},
	{Name: "truncated, restarted 50", way: byTruncated, layers: longRun},
	{Name: "ReTune, one step", way: byReTune, layers: func(Retune) int { return 1 }},
	{Name: "ReTune, no restart", way: byReTune, layers: oneBlock},
	{Name: "ReTune", way: byReTune, layers: fullRun},
	{Name: "ReTune, restarted 50", way: byReTune, layers: longRun},
	{Name: "exact implicit", way: byImplicit, layers: fullRun},
}

func oneBlock(s Retune) int { return s.K }
func fullRun(s Retune) int  { return s.K * (s.T + 1) }
func longRun(s Retune) int  { return s.K * (longer + 1) }

// A retuneComparison is a difference in dB of two methods, and where it is wanted; nowhere for want = "".
type retuneComparison struct {
	method, reference, want string
	least, most             float64
}

var retuneComparisons = []retuneComparison{
	{"ReTune", "truncated unrolling", "≥ 0", 0, 1e9},
	{"ReTune", "grid-searched", "≥ 0", 0, 1e9},
	{"ReTune", "exact implicit", "≥ −0.1", -0.1, 1e9},
	{"ReTune, restarted 50", "ReTune", "within ±0.05", -0.05, 0.05},
	{"truncated, restarted 50", "truncated unrolling", "", -1e9, 1e9},
}

func (c retuneComparison) name() string { return c.method + " − " + c.reference }

// tie is a difference in dB that counts as none: it shows as 0.000.
const tie = 5e-4

// A psnrRow is a row of psnr.csv.
type psnrRow struct {
	Task, Family, Method string
	PSNR                 float64
	CI                   Interval
	Memory               float64 // MB that the gradient of one crop stores in training; 0: nothing is trained
	Seconds              float64 // of that gradient
}

// A pairedRow compares two methods on the same crops.
type pairedRow struct {
	Task, Family, Comparison string
	DB                       float64
	CI                       Interval
	Want                     string
	Holds                    string
}

// A retuneLearned is what the epochs of a descent measured.
type retuneLearned struct {
	Task, Family, Way string
	Q, PSNR           []float64
}

// measure fills the rows of all tasks and families, or of those among all that have learned parameters.
func (s Retune) measure(images *imageSource, l *RetuneWeights, r *RetuneResult) error {
	tasks, _ := s.tasks()
	families, _ := s.families()
	for _, t := range tasks {
		spoiled, err := s.spoil(t, images, data.Test, s.Images)
		if err != nil {
			return err
		}
		for _, f := range families {
			if _, ok := l.params[nameOf(t, f, byReTune)]; !ok && s.Family == "all" {
				r.Left = append(r.Left, t.Name+" "+f.Name)
				continue
			}
			if err := s.measureOne(t, f, spoiled, l, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// measureOne runs all methods of a family on the crops of a task.
func (s Retune) measureOne(t imagingTask, f imagingFamily, images []spoiled, l *RetuneWeights, r *RetuneResult) error {
	layout, in, err := s.prepare(t, f, images)
	if err != nil {
		return err
	}
	theta := map[string][]float64{"": layout.Start()}
	for _, way := range []string{byGrid, byTruncated, byReTune, byImplicit} {
		if _, ok := l.params[nameOf(t, f, way)]; way == byImplicit && !ok {
			continue
		}
		if theta[way], err = l.theta(t, f, way, len(layout.Start())); err != nil {
			return err
		}
		name := nameOf(t, f, way)
		if q, ok := l.params[name+"/q"]; ok {
			r.Learned = append(r.Learned, retuneLearned{t.Name, f.Name, way, q, l.params[name+"/psnr"]})
		}
	}
	values := newMatrix(len(in), len(retuneMethods)) // dB
	shown := make([][]float64, len(retuneMethods))
	split(s.Workers, len(in), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			for way, parameters := range theta {
				s.visit(in[i], parameters, way, func(m int, u []float64) {
					values.Row(i)[m] = psnr(in[i].Loss(u))
					if i == min(pictured, len(in)-1) {
						shown[m] = slices.Clone(f.image(u, in[i], images[i].shape))
					}
				})
			}
		}
	})
	s.summarise(t, f, values, in[0], theta, r)
	r.Pictures = append(r.Pictures, mosaicRow(t, f, images[min(pictured, len(images)-1)], shown))
	if f.transformed {
		r.Descents = append(r.Descents, s.descend(t, f, in[0], theta))
	}
	return nil
}

// visit runs the layers of one way once, and stops at every method's.
func (s Retune) visit(in bilevel.Instance, theta []float64, way string, at func(m int, u []float64)) {
	type stop struct{ layers, method int }
	var stops []stop
	for m, method := range retuneMethods {
		if method.way == way {
			stops = append(stops, stop{method.layers(s), m})
		}
	}
	slices.SortFunc(stops, func(a, b stop) int { return a.layers - b.layers })
	u, done := in.Start, 0 // at the end of a block
	for _, p := range stops {
		x := bilevel.Run(in.Step, theta, u, s.K, p.layers-done)
		at(p.method, x)
		if p.layers%s.K == 0 {
			u, done = x, p.layers
		}
	}
}

// summarise makes the rows of a task and family, with paired differences by one bootstrap.
func (s Retune) summarise(t imagingTask, f imagingFamily, values matrix, in bilevel.Instance, theta map[string][]float64, r *RetuneResult) {
	replicates := bootstrap{s.Seed, s.Workers}.means(values)
	costs := map[string]gradientCost{}
	for way, rule := range map[string]bilevel.ReTune{byReTune: {K: s.K, T: s.T}, byTruncated: {K: s.K}, byImplicit: s.implicit()} {
		if theta[way] != nil {
			costs[way] = costOf(way, in, theta[way], rule)
		}
	}
	for m, method := range retuneMethods {
		if theta[method.way] == nil {
			continue
		}
		c := costs[method.way]
		r.Rows = append(r.Rows, psnrRow{t.Name, f.Name, method.Name, mean(values.Col(m)), percentiles(replicates.Col(m)), c.Memory, c.Seconds})
	}
	column := func(name string) int {
		return slices.IndexFunc(retuneMethods, func(m retuneMethod) bool { return m.Name == name })
	}
	for _, c := range retuneComparisons {
		a, b := column(c.method), column(c.reference)
		if theta[retuneMethods[b].way] == nil {
			continue
		}
		d, p := values.Col(a), replicates.Col(a)
		for i, v := range values.Col(b) {
			d[i] -= v
		}
		for i, v := range replicates.Col(b) {
			p[i] -= v
		}
		row := pairedRow{t.Name, f.Name, c.name(), mean(d), percentiles(p), c.want, "yes"}
		switch {
		case c.want == "":
			row.Holds = ""
		case row.DB < c.least-tie || row.DB > c.most+tie:
			row.Holds = "no"
		}
		r.Paired = append(r.Paired, row)
	}
}
