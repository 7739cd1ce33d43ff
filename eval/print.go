package eval

import (
	"fmt"
	"io"
	"strings"
)

// printSections writes what sections say without their figures, for a terminal.
func printSections(w io.Writer, sections []Section) error {
	var b strings.Builder
	for i, s := range sections {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(s.Title + "\n")
		for _, p := range s.Paragraph {
			b.WriteString(p + "\n")
		}
		if len(s.Table.Header) > 0 {
			fmt.Fprintf(&b, "\n%v", s.Table.Shown())
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
