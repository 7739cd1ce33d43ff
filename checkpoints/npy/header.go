package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	magic      = "\x93NUMPY"
	maxRank    = 64 // numpy's own
	alignment  = 64 // of the data from the start of the file
	growth     = 21 // digits that numpy leaves room for in the dimension along which a file can grow
	quoteChars = `'"`
)

// A header is the dictionary {'descr': …, 'fortran_order': …, 'shape': …} before the numbers.
type header struct {
	descr   string
	fortran bool
	shape   []int
}

// readHeader reads up to the first number, and returns how many bytes that were.
func readHeader(r io.Reader, size int64) (h header, length int64, err error) {
	start := make([]byte, len(magic)+4)
	if err = fill(r, start[:len(magic)], size); err != nil {
		return h, 0, err
	}
	if string(start[:len(magic)]) != magic {
		return h, 0, &FormatError{"the first six bytes", fmt.Sprintf("%q", start[:len(magic)]), fmt.Sprintf("%q, as in every .npy file", magic)}
	}
	if err = fill(r, start[len(magic):], size); err != nil {
		return h, 0, err
	}
	version, field := start[len(magic)], start[len(magic)+2:]
	switch {
	case version < 1 || version > 3:
		return h, 0, &FormatError{"the format's version", strconv.Itoa(int(version)), "1, 2 or 3"}
	case version > 1:
		field = append(field, 0, 0)
		if err = fill(r, field[2:], size); err != nil {
			return h, 0, err
		}
	}
	textSize := int64(binary.LittleEndian.Uint32(append(field, 0, 0)))
	length = int64(len(magic)+2+len(field)) + textSize
	if length > size {
		return h, 0, &FormatError{"the header's length", strconv.FormatInt(textSize, 10), fmt.Sprintf("one that fits a file of %d bytes", size)}
	}
	text := make([]byte, textSize)
	if err = fill(r, text, size); err != nil {
		return h, 0, err
	}
	h, err = parseHeader(string(text))
	return h, length, err
}

// fill reads all of b.
func fill(r io.Reader, b []byte, size int64) error {
	_, err := io.ReadFull(r, b)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return &FormatError{"the file", fmt.Sprintf("at an end within %d bytes", size), "more: it is truncated"}
	}
	return err
}

// parseHeader reads the dictionary, a literal of Python with its three keys in any order.
func parseHeader(text string) (h header, err error) {
	p := parser{rest: text}
	seen := map[string]bool{}
	p.expect("{")
	for p.err == nil && !p.take("}") {
		key := p.text()
		p.expect(":")
		if seen[key] {
			p.fail("key " + key + " twice")
		}
		seen[key] = true
		switch key {
		case "descr":
			h.descr = p.text()
		case "fortran_order":
			h.fortran = p.bool()
		case "shape":
			h.shape = p.tuple()
		default:
			p.fail("key " + strconv.Quote(key))
		}
		if !p.take(",") && p.err == nil && !strings.HasPrefix(p.trimmed(), "}") {
			p.fail("no comma or brace")
		}
	}
	if p.err == nil && (p.trimmed() != "" || len(seen) != 3) {
		p.fail("not one dictionary of three keys")
	}
	return h, p.err
}

// A parser takes a literal of Python off the front of rest; after an error its methods do nothing.
type parser struct {
	rest string
	err  error
}

func (p *parser) trimmed() string {
	p.rest = strings.TrimLeft(p.rest, " \t\n")
	return p.rest
}

func (p *parser) fail(what string) {
	if p.err == nil {
		p.err = &FormatError{"the header", fmt.Sprintf("with %s before %.40q", what, p.rest), "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), } or the like"}
	}
}

func (p *parser) take(token string) bool {
	rest, ok := strings.CutPrefix(p.trimmed(), token)
	if ok && p.err == nil {
		p.rest = rest
	}
	return ok
}

func (p *parser) expect(token string) {
	if p.err == nil && !p.take(token) {
		p.fail("no " + token)
	}
}

func (p *parser) text() string {
	for _, quote := range quoteChars {
		if p.err == nil && p.take(string(quote)) {
			text, rest, ok := strings.Cut(p.rest, string(quote))
			if !ok || strings.ContainsRune(text, '\\') {
				p.fail("an unusual text")
			}
			p.rest = rest
			return text
		}
	}
	p.fail("no text in quotes")
	return ""
}

func (p *parser) bool() bool {
	if p.take("True") {
		return true
	}
	p.expect("False")
	return false
}

func (p *parser) tuple() []int {
	shape := []int{}
	for p.expect("("); p.err == nil && !p.take(")"); {
		digits := p.trimmed()[:len(p.rest)-len(strings.TrimLeft(p.rest, "0123456789"))]
		d, err := strconv.Atoi(digits)
		if err != nil || len(shape) == maxRank {
			p.fail("no dimension that can be")
			return nil
		}
		p.rest = p.rest[len(digits):]
		shape = append(shape, d)
		if !p.take(",") && (len(shape) == 1 || !strings.HasPrefix(p.trimmed(), ")")) {
			p.fail("no comma")
		}
	}
	return shape
}

// format returns the header of a file of version 1 up to its first number, byte for byte as numpy 1.24 writes it.
func (h header) format() []byte {
	text := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", h.descr, tuple(h.shape))
	if len(h.shape) > 0 {
		text += strings.Repeat(" ", growth-len(strconv.Itoa(h.shape[0])))
	}
	const before = len(magic) + 2 + 2
	text += strings.Repeat(" ", alignment-1-(before+len(text))%alignment) + "\n"
	out := append([]byte(magic), 1, 0)
	out = binary.LittleEndian.AppendUint16(out, uint16(len(text)))
	return append(out, text...)
}
