package eval

import (
	"fmt"

	"unroll/data"
	"unroll/model"
)

// An order is a way to go through a network's layers at test time.
type order struct {
	name   string
	layers []int
}

// orders are the trained one, each with as many layers again twice over but for the last, in which every layer comes twice.
func orders(K int) []order {
	trained := straight(K)
	again := func(tail []int) []int {
		all := append([]int(nil), trained...)
		for len(all) < 3*K {
			all = append(all, tail[(len(all)-K)%len(tail)])
		}
		return all
	}
	var twice []int
	for _, k := range trained {
		twice = append(twice, k, k)
	}
	return []order{
		{"the last layer again", again(trained[K-1:])},
		{"the last third again", again(trained[K-max(1, K/3):])},
		{"all layers again", again(trained)},
		{"every layer twice", twice},
	}
}

// repeat measures a network in every order.
func (s Insight) repeat(network *model.Bound) (curves []Curve) {
	b := s.Data.Draw(s.Seed, data.Test, 0, s.Repeats)
	boot, signal := bootstrap{s.Seed, s.Workers}, signals(b)
	power, powers := mean(signal.Data), boot.means(signal).Data
	at := network.Config.Fixed()
	last := (network.Config.Tokens(b.N) - 1) * network.Config.Width
	for _, o := range orders(network.Config.K) {
		m := newMatrix(b.Size, len(o.layers)+1)
		split(s.Workers, b.Size, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				p := b.At(i)
				network.Trace(o.layers, p.X, p.Y, func(k int, tokens []float64) bool {
					m.Row(i)[k] = distance2(tokens[last+at:][:b.D], p.Beta)
					return true
				})
			}
		})
		c, _ := series{o.name, m}.curve(boot, power, powers)
		curves = append(curves, c)
	}
	return curves
}

// repeatSection shows the orders of one network.
func (r *InsightResult) repeatSection(n NetworkInsight) Section {
	K := n.Config.K
	s := Section{
		Title: n.Name + ": layers repeated at test time",
		Paragraph: []string{fmt.Sprintf("After the %d trained layers more are run: the last one, the last third or all of them over and over; and, another "+
			"way, every layer twice in a row. %d prompts with N = %d.", K, r.Study.Repeats, r.Study.Data.N), n.repeated()},
		Table:   Table{Header: []string{"NMSE (dB) after layers", fmt.Sprint(K), fmt.Sprint(K + 1), fmt.Sprint(4 * K / 3), fmt.Sprint(2 * K), fmt.Sprint(3 * K)}},
		CSVName: n.file() + "_repeats.csv",
		full:    columns("order,layers,mse_mean,mse_median,nmse_db,nmse_lo,nmse_hi"),
		Figure: &Figure{Name: "insight-repeat-" + n.file(), XTitle: "layers run", YTitle: "NMSE (dB)",
			Caption: fmt.Sprintf("%s, trained for %d layers. Bands: 95 %% bootstrap intervals.", n.Name, K)},
	}
	for _, c := range n.Repeats {
		row, line := []string{c.Method}, Line{Name: c.Method}
		for _, k := range []int{K, K + 1, 4 * K / 3, 2 * K, 3 * K} {
			if k < len(c.Layers) {
				row = append(row, decimals(c.Layers[k].NMSE))
			} else {
				row = append(row, "")
			}
		}
		for k, l := range c.Layers {
			line.X, line.Y, line.Lo, line.Hi = append(line.X, float64(k)), append(line.Y, l.NMSE), append(line.Lo, l.NMSECI.Lo), append(line.Hi, l.NMSECI.Hi)
			s.full.record([]string{c.Method, fmt.Sprint(k)}, l.Mean, l.Median, l.NMSE, l.NMSECI.Lo, l.NMSECI.Hi)
		}
		s.Table.Rows, s.Figure.Lines = append(s.Table.Rows, row), append(s.Figure.Lines, line)
	}
	return s
}

// repeated says whether more layers help.
func (n NetworkInsight) repeated() string {
	K := n.Config.K
	trained := n.Repeats[0].Layers[K].NMSE
	best, name, at := trained, "", K
	for _, c := range n.Repeats[:len(n.Repeats)-1] {
		for k, l := range c.Layers {
			if k > K && l.NMSE < best {
				best, name, at = l.NMSE, c.Method, k
			}
		}
	}
	if name == "" {
		return fmt.Sprintf("No added layer helps: the trained %d end at %.1f dB, and every order is above that from then on.", K, trained)
	}
	return fmt.Sprintf("The trained %d layers end at %.1f dB. The best that more of them reach is %.1f dB, %s, after %d.", K, trained, best, name, at)
}
