package eval

import (
	"fmt"
	"math"
	"strconv"
)

func (r *InsightResult) sections() (all []Section) {
	for _, n := range r.Networks {
		all = append(all, r.stepSection(n), r.probeSection(n, n.Probes, "query", false), r.probeSection(n, n.Demos, "demo", true), r.repeatSection(n))
	}
	return all
}

func (r *InsightResult) stepSection(n NetworkInsight) Section {
	d := r.Study.Data
	c := n.Config
	s := Section{
		Title: n.Name + ": the step of every layer",
		Paragraph: []string{
			fmt.Sprintf("β⁺ ≈ S_θ(β − a·g + b·(β − β₋) − c·XᵀX(β − β₋) + e·XᵀXg), g = Xᵀ(Xβ − y), in the units of the embedding, fitted on %d prompts with "+
				"d = %d, S = %d, N = %d, σ = %g, seed %d; R² is the share of the layer's change of β that the fit explains on %d others. Columns of R²: a alone; with "+
				"b and c; with e; with a full matrix M for a and a θ for every coordinate.", r.Study.Prompts, d.D, d.S, d.N, d.Sigma, r.Study.Seed, r.Study.Prompts),
			fmt.Sprintf("The construction has a = %g, θ = %g, e = 0, M = aI, and b = c = 0 or, with momentum, FISTA's b and c = ab.", c.Tau, c.Theta),
			n.found(),
		},
		Table: Table{Header: []string{"layer", "a", "b", "c", "e", "θ", "R²: a", "a, b, c", "a, b, c, e", "M", "diagonal of M", "rms beside it", "FISTA's b"}},
		Figure: &Figure{Name: "insight-step-" + n.file(), XTitle: "layer", YTitle: "R² of the change of β",
			Caption: n.Name + ": how much of each layer's change of the estimate a proximal step explains, on prompts not fitted on. Below 0 is drawn as 0."},
		CSVName: n.file() + "_steps.csv",
		full:    columns("layer,a,b,c,e,theta,r2_a,r2_abc,r2_abce,r2_M,M_diagonal,M_beside,M_theta"),
	}
	extrapolate := momenta(len(n.Steps))
	lines := [4]Line{{Name: "proximal gradient"}, {Name: "accelerated"}, {Name: "second order"}, {Name: "preconditioned"}}
	for k, l := range n.Steps {
		row := []string{strconv.Itoa(k + 1)}
		for _, v := range []float64{l.Step, l.Momentum, l.Image, l.Second, l.Theta, l.R2[0], l.R2[1], l.R2[2], l.R2[3], l.Diagonal, l.Beside, extrapolate[k]} {
			row = append(row, fmt.Sprintf("%.3f", v))
		}
		s.Table.Rows = append(s.Table.Rows, row)
		s.full.record([]string{row[0]}, l.Step, l.Momentum, l.Image, l.Second, l.Theta, l.R2[0], l.R2[1], l.R2[2], l.R2[3], l.Diagonal, l.Beside, l.PreTheta)
		for f := range lines {
			lines[f].X, lines[f].Y = append(lines[f].X, float64(k+1)), append(lines[f].Y, math.Max(0, l.R2[f]))
		}
	}
	s.Figure.Lines = lines[:]
	return s
}

// found says what the fits come to, over the layers that move the estimate.
func (n NetworkInsight) found() string {
	var r2 [4]float64
	for _, l := range n.Steps {
		for f, v := range l.R2 {
			r2[f] += math.Max(0, v) / float64(len(n.Steps))
		}
	}
	return fmt.Sprintf("Mean R² over the layers: %.2f for a proximal gradient step, %.2f accelerated, %.2f with a second-order term, %.2f preconditioned.",
		r2[0], r2[1], r2[2], r2[3])
}

func (r *InsightResult) probeSection(n NetworkInsight, probes []Probe, token string, demo bool) Section {
	s := Section{
		Title: fmt.Sprintf("%s: what the free slots hold, %s", n.Name, map[string]string{"query": "query token", "demo": "first demonstration"}[token]),
		Paragraph: []string{fmt.Sprintf("The share of the variance of the %d free slots that linear maps of a quantity explain after every layer, each alone and all of them "+
			"together, on prompts not fitted on. β, β₋ and g are those of the query token; the norms are ‖y‖, ‖β‖, ‖β‖₁, ‖g‖, ‖Xβ − y‖.",
			n.Config.Writable()-n.Config.D)},
		Table:   Table{Header: []string{"layer", "rms of a slot"}},
		CSVName: fmt.Sprintf("%s_%s.csv", n.file(), token),
	}
	groups := groupsOf(demo)
	for _, g := range groups {
		s.Table.Header = append(s.Table.Header, g.name)
	}
	s.Table.Header = append(s.Table.Header, "all")
	for _, p := range probes {
		row := []string{strconv.Itoa(p.Layer), digits(p.Spread)}
		for _, v := range p.Explains {
			row = append(row, fmt.Sprintf("%.3f", v))
		}
		s.Table.Rows = append(s.Table.Rows, row)
	}
	return s
}

// momenta are FISTA's b of each of K steps (Beck and Teboulle 2009, eq. 4.2–4.3): step k starts from a point that the one before has moved
// on by (t−1)/t⁺.
func momenta(K int) []float64 {
	b, t := make([]float64, K), 1.0
	for k := range K - 1 {
		next := (1 + math.Sqrt(1+4*t*t)) / 2
		b[k+1] = (t - 1) / next
		t = next
	}
	return b
}
