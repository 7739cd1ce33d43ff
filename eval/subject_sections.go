package eval

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"unroll/checkpoints"
)

func (s *Subject) networkSection() Section {
	c := s.Trained.Config
	weights := "one set of weights for all layers"
	if !c.Shared {
		weights = "each layer its own weights"
	}
	return Section{Title: "The network", Paragraph: []string{
		fmt.Sprintf("%d parameters (%s): %d layers, %s attention with %d head(s), tokens of %d slots of which %d are free, %d ReLU units, the %s embedding; %s.",
			s.Trained.Parameters(), c.Precision, c.K, c.Attention, c.Heads, c.Width, c.Writable()-c.D, c.Hidden, c.Embedding, weights),
		fmt.Sprintf("Recipe %q, seed %d, started at init=%s. The weights are the best on validation, those of step %d of %d.",
			s.Name, s.Seed, c.Start, s.bestAt, s.steps),
	}}
}

// driftSection says how far every matrix of every layer has come from where it started.
func (s *Subject) driftSection() Section {
	table := Table{Header: []string{"layer"}}
	start := map[string]checkpoints.Param{}
	for _, p := range s.start {
		start[p.Name] = p
	}
	rows := map[string]int{}
	var moved, size []float64
	for _, p := range s.trained {
		from, ok := start[p.Name]
		if !ok {
			continue
		}
		layer, matrix, _ := strings.Cut(strings.TrimPrefix(p.Name, "layer"), "/")
		if _, seen := rows[layer]; !seen {
			rows[layer] = len(table.Rows)
			table.Rows = append(table.Rows, []string{fmt.Sprint(len(table.Rows) + 1)})
			moved, size = append(moved, 0), append(size, 0)
		}
		if !slices.Contains(table.Header, matrix) {
			table.Header = append(table.Header, matrix)
		}
		i := rows[layer]
		d, n := change(p, from)
		moved[i], size[i] = moved[i]+d, size[i]+n
		table.Rows[i] = append(table.Rows[i], fmt.Sprintf("%.4g", math.Sqrt(d/n)))
	}
	table.Header = append(table.Header, "all")
	for i := range table.Rows {
		table.Rows[i] = append(table.Rows[i], fmt.Sprintf("%.4g", math.Sqrt(moved[i]/size[i])))
	}
	return Section{Title: "How far training moved the weights", Paragraph: []string{"‖W − W₀‖ / ‖W₀‖ (Frobenius) for every matrix of every layer, W₀ the untrained one."},
		Table: table, CSVName: "drift.csv"}
}

// change returns ‖p−from‖² and ‖from‖².
func change(p, from checkpoints.Param) (moved, size float64) {
	for i := range p.Len() {
		a, b := value(p, i), value(from, i)
		moved += (a - b) * (a - b)
		size += b * b
	}
	return moved, size
}

func value(p checkpoints.Param, i int) float64 {
	if p.F64 != nil {
		return p.F64[i]
	}
	return float64(p.F32[i])
}

func (s *Subject) lossSection() Section {
	table := Table{Header: []string{"step", "loss", "validation"}}
	loss, validation := Line{Name: "training loss"}, Line{Name: "validation, last layer"}
	for _, r := range s.history {
		cells := []string{fmt.Sprint(r.Step), fmt.Sprintf("%.6g", r.Loss), fmt.Sprintf("%.6g", r.Validation)}
		validation.X, validation.Y = append(validation.X, float64(r.Step)), append(validation.Y, r.Validation)
		if r.Step == 0 {
			cells[1] = "" // no step has been taken whose loss it could be
		} else {
			loss.X, loss.Y = append(loss.X, float64(r.Step)), append(loss.Y, r.Loss)
		}
		table.Rows = append(table.Rows, cells)
	}
	return Section{Title: "The training", Paragraph: []string{
		"Loss: squared error ‖β̂_k − β*‖² weighted over layers, mean over the training prompts since the line before. Validation: squared error of the last layer, mean over held-out prompts."},
		Figure: &Figure{Name: "losses", XTitle: "optimisation step", YTitle: "squared error", LogY: true, Lines: []Line{loss, validation},
			Caption: "Training loss and validation error."},
		Table: table, CSVName: "losses.csv"}
}
