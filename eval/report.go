package eval

import (
	"bytes"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"
	texttemplate "text/template"
)

//go:embed templates
var templates embed.FS

var (
	htmlReport     = template.Must(template.ParseFS(templates, "templates/report.html"))
	markdownReport = texttemplate.Must(texttemplate.New("report.md").
			Funcs(texttemplate.FuncMap{"row": markdownRow, "rule": markdownRule}).ParseFS(templates, "templates/report.md"))
)

// page is what both templates render.
type page struct {
	Title, Question string
	Sections        []view
}

// view is a section with its figure drawn and its picture as a link that holds it.
type view struct {
	Section
	SVG template.HTML
	PNG template.URL
}

// Write makes dir and writes report.html, which needs no other file, report.md with its figures as PNG, every figure as SVG and PNG,
// and one CSV per table. All is rendered before the first file is written, and each file appears whole or not at all.
func (r *DecayResult) Write(dir string) error {
	return writeReport(dir, page{Title: "Error decay", Question: decayStudy.Question}, r.sections(), nil)
}

// writeReport renders the sections of a page and writes them beside the other files that the study has made.
func writeReport(dir string, p page, sections []Section, files []file) error {
	for _, s := range sections {
		v := view{Section: s}
		if s.Figure != nil {
			svg, png, err := s.Figure.render()
			if err != nil {
				return fmt.Errorf("eval: figure %s: %w", s.Figure.Name, err)
			}
			v.SVG = inline(svg)
			files = append(files, file{s.Figure.Name + ".svg", svg}, file{s.Figure.Name + ".png", png})
		}
		if s.Picture != nil {
			v.PNG = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(s.Picture.PNG))
			files = append(files, file{s.Picture.Name + ".png", s.Picture.PNG})
		}
		if s.CSVName != "" {
			files = append(files, file{s.CSVName, s.data().csv()})
		}
		p.Sections = append(p.Sections, v)
	}
	var html, md bytes.Buffer
	if err := htmlReport.Execute(&html, p); err != nil {
		return fmt.Errorf("eval: report.html: %w", err)
	}
	if err := markdownReport.Execute(&md, p); err != nil {
		return fmt.Errorf("eval: report.md: %w", err)
	}
	return writeFiles(dir, append(files, file{"report.html", html.Bytes()}, file{"report.md", md.Bytes()}))
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
