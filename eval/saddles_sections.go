package eval

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"unroll/model/dln"
)

// Write writes the report and the animation, flow.html, into dir.
func (r *SaddlesResult) Write(dir string) error {
	animation, err := r.animation()
	if err != nil {
		return err
	}
	return writeReport(dir, page{Title: "Saddle to saddle", Question: saddlesStudy.Question}, r.sections(), []file{{"flow.html", animation}})
}

// WriteTable prints what the study found to a terminal.
func (r *SaddlesResult) WriteTable(w io.Writer) error {
	for _, s := range r.sections() {
		if len(s.Table.Header) == 0 {
			continue
		}
		if _, err := fmt.Fprintf(w, "%s\n%s\n", s.Title, s.Table.Shown()); err != nil {
			return err
		}
	}
	return nil
}

// sections arranges the result for a reader: the instance, then the studies that were made.
func (r *SaddlesResult) sections() []Section {
	sections := []Section{r.jumpsSection(),
		{Title: "The coordinates", Figure: r.coordinates(), Paragraph: []string{"A coordinate may be switched off again, and several may change at one jump."}}}
	if f := r.trajectory(); f != nil {
		sections = append(sections, Section{Title: "The way", Figure: f,
			Paragraph: []string{"Between two saddles the flow follows an orbit of its own; flow.html shows it in motion, in arc length."}})
	}
	if r.Agreement != nil {
		sections = append(sections, r.agreementSection(), r.plateausSection())
	}
	if r.Descents != nil {
		sections = append(sections, r.descentSection())
	}
	if r.Recovery != nil {
		sections = append(sections, r.recoverySection())
	}
	return sections
}

func (r *SaddlesResult) jumpsSection() Section {
	s := Section{Title: "The jumps", Figure: r.staircase(), Table: r.jumps(), CSVName: "jumps.csv", full: r.jumpsCSV()}
	path := r.Picture.Path
	s.Paragraph = []string{fmt.Sprintf("%d rows, %d columns, α = %g. The prediction has %d jumps and ends at a loss of %s with ‖β‖₁ = %s.",
		path.N, path.D, r.Study.Alpha, len(path.Saddles)-1, digits(path.Last().Loss), digits(sumOfSizes(path.Last().Values)))}
	if more := len(path.Saddles) - len(r.Picture.shown()); more > 0 {
		s.Paragraph = append(s.Paragraph, fmt.Sprintf("The pictures end where a thousandth of the loss is left that the path takes away; %d jumps follow.", more))
	}
	if r.Picture.Doubt != nil {
		s.Paragraph = append(s.Paragraph, "The prediction is ambiguous: "+r.Picture.Doubt.Error()+".")
	}
	return s
}

func sumOfSizes(v []float64) float64 {
	s := 0.0
	for _, t := range v {
		s += math.Abs(t)
	}
	return s
}

// jumps names coordinates from 1, as the figures do.
func (r *SaddlesResult) jumps() Table {
	t := Table{Header: []string{"jump", "time", "hits", "support", "loss"}}
	for k, s := range r.Picture.Path.Saddles[1:] {
		t.Rows = append(t.Rows, []string{strconv.Itoa(k + 1), fmt.Sprintf("%.6g", s.Time), spaced(s.Hit, subscript), supportOf(s), digits(s.Loss)})
	}
	return t
}

// supportOf names the coordinates of a support that fits a table, and counts those of another.
func supportOf(s dln.Saddle) string {
	if len(s.Support) > 8 {
		return fmt.Sprintf("of %d coordinates", len(s.Support))
	}
	return spaced(s.Support, subscript)
}

// jumpsCSV counts columns of X from 0, as files do.
func (r *SaddlesResult) jumpsCSV() *Table {
	t := columns("jump,time,support,values")
	for k, s := range r.Picture.Path.Saddles[1:] {
		t.Rows = append(t.Rows, []string{strconv.Itoa(k + 1), exact(s.Time), spaced(s.Support, strconv.Itoa), spaced(s.Values, exact)})
	}
	return t
}

// exact prints a number so that reading it back gives the same bits.
func exact(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func spaced[T any](all []T, name func(T) string) string {
	words := make([]string, len(all))
	for i, v := range all {
		words[i] = name(v)
	}
	return strings.Join(words, " ")
}
