package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// LoadYAML sets keys of the struct that config points to from a file of lines "key: value", by the
// rules of Set. A UsageError names the file and the line too.
func LoadYAML(config any, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return setYAML(config, path, text)
}

func setYAML(config any, path string, text []byte) error {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return syntaxError(path, err)
	}
	if len(file.Docs) > 1 {
		return Usagef("%s: one document is allowed", path)
	}
	s := newSetter(config)
	for _, doc := range file.Docs {
		if err := s.document(path, doc.Body); err != nil {
			return &UsageError{err}
		}
	}
	return nil
}

// document sets the keys of one YAML document; an empty one has none.
func (s *setter) document(path string, body ast.Node) error {
	if body == nil {
		return nil
	}
	mapping, ok := body.(ast.MapNode)
	if !ok {
		return fmt.Errorf("%s:%d: lines of the form key: value are allowed", path, body.GetToken().Position.Line)
	}
	for entry := mapping.MapRange(); entry.Next(); {
		key := entry.Key().GetToken()
		value, ok := plain(entry.Value())
		if !ok {
			return fmt.Errorf("%s:%d: key %q: one plain value is allowed", path, key.Position.Line, key.Value)
		}
		if err := s.set(key.Value, value); err != nil {
			return fmt.Errorf("%s:%d: %w", path, key.Position.Line, err)
		}
	}
	return nil
}

// plain returns the text of a value as the command line would give it.
func plain(v ast.Node) (string, bool) {
	switch v.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.StringNode:
		return v.GetToken().Value, true
	}
	return "", false
}

// syntaxError turns the parser's picture of the source into one line.
func syntaxError(path string, err error) error {
	var e yaml.Error
	if errors.As(err, &e) {
		return Usagef("%s:%d: %s", path, e.GetToken().Position.Line, e.GetMessage())
	}
	return Usagef("%s: %w", path, err)
}
