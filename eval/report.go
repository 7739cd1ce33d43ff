package eval

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	texttemplate "text/template"
)

//go:embed templates
var templates embed.FS

// page is what both templates render.
type page struct {
	Title, Question string
	Sections        []view
}

// view is a section with its figure drawn.
type view struct {
	Section
	SVG template.HTML
}

// WriteTable prints the result for a terminal.
func (r *DecayResult) WriteTable(w io.Writer) error {
	d := r.Study.Data
	last := Table{Header: []string{"layer " + fmt.Sprint(r.Study.K), "mean", "95 % interval", "median", "q99", "> 10 × mean"}, Rows: r.lastSection().Table.Rows}
	rates := r.rateSection().Table
	var b bytes.Buffer
	fmt.Fprintf(&b, "d=%d S=%d N=%d σ=%g K=%d, %s design; %d test prompts %s, seed %d\n\n",
		d.D, d.S, d.N, d.Sigma, r.Study.K, d.Design, r.Study.Prompts, r.Hash, r.Study.Seed)
	for _, t := range []Table{r.decibels(), last, rates} {
		if err := t.write(&b); err != nil {
			return err
		}
		fmt.Fprintln(&b)
	}
	for _, d := range r.Differences {
		fmt.Fprintln(&b, d)
	}
	fmt.Fprintf(&b, "At depth %d, %s; converged Lasso at λ = %g, %d of %d certificates open.\n",
		r.Study.K, r.chosen(), r.Lasso.Lambda, r.Lasso.Unconverged, r.Study.Prompts)
	_, err := b.WriteTo(w)
	return err
}

// Write makes dir and writes report.html, which needs no other file, report.md with its figures as PNG, every figure as SVG and PNG,
// and one CSV per table. All is rendered before the first file is written, and each file appears whole or not at all.
func (r *DecayResult) Write(dir string) error {
	study := Studies()[0]
	p := page{Title: "Error decay", Question: study.Question}
	var files []file
	for _, s := range r.sections() {
		v := view{Section: s}
		if s.Figure != nil {
			svg, png, err := s.Figure.render()
			if err != nil {
				return fmt.Errorf("eval: figure %s: %w", s.Figure.Name, err)
			}
			v.SVG = inline(svg)
			files = append(files, file{s.Figure.Name + ".svg", svg}, file{s.Figure.Name + ".png", png})
		}
		if s.CSVName != "" {
			table := s.Table
			if s.full != nil {
				table = *s.full
			}
			text, err := table.csv()
			if err != nil {
				return fmt.Errorf("eval: %s: %w", s.CSVName, err)
			}
			files = append(files, file{s.CSVName, text})
		}
		p.Sections = append(p.Sections, v)
	}
	documents, err := p.render()
	if err != nil {
		return err
	}
	return writeFiles(dir, append(files, documents...))
}

// render returns report.html and report.md.
func (p page) render() ([]file, error) {
	html, err := template.ParseFS(templates, "templates/report.html")
	if err != nil {
		return nil, err
	}
	markdown, err := texttemplate.New("report.md").Funcs(texttemplate.FuncMap{"row": markdownRow, "rule": markdownRule}).ParseFS(templates, "templates/report.md")
	if err != nil {
		return nil, err
	}
	var h, m bytes.Buffer
	if err := html.Execute(&h, p); err != nil {
		return nil, err
	}
	if err := markdown.Execute(&m, p); err != nil {
		return nil, err
	}
	return []file{{"report.html", h.Bytes()}, {"report.md", m.Bytes()}}, nil
}

// inline cuts an SVG file's prologue, which HTML does not allow inside a page.
func inline(svg []byte) template.HTML {
	return template.HTML(svg[max(0, bytes.Index(svg, []byte("<svg"))):])
}

// markdownRow is a row of a pipe table.
func markdownRow(cells []string) string {
	escaped := make([]string, len(cells))
	for i, c := range cells {
		escaped[i] = strings.ReplaceAll(c, "|", `\|`)
	}
	return "| " + strings.Join(escaped, " | ") + " |"
}

// markdownRule is the line below the header, which aligns the columns.
func markdownRule(t Table) string {
	var b strings.Builder
	for j := range t.Header {
		if t.Numeric(j) {
			b.WriteString("|---:")
		} else {
			b.WriteString("|:---")
		}
	}
	return b.String() + "|"
}
