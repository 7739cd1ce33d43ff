// Package cmd_test keeps the architecture: which package may import which, and what no package may use.
// It parses the source itself, so that the test cache sees every file that a violation could be in.
package cmd_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

const (
	kernel   = "engine/kernel"
	problems = "l2o l2o/linop l2o/prox"
	suites   = "l2o/l2otest" // for external tests alone, so in no row
)

// rooms are the packages there may be, each with those of this module that it may import. External
// tests may import their own package and the conformance suites besides.
var rooms = map[string]string{
	"cmd":                    "",
	"cmd/internal/cli":       "",
	"cmd/*":                  "*",
	"bench/*":                "*",
	"bench/internal/peer":    kernel,
	"bench/internal/trainer": "bench/internal/peer engine checkpoints " + kernel,
	"train":                  "model/graph l2o/lista/graph l2o/denoise/graph l2o/bilevel/graph model l2o/lista l2o/denoise l2o engine " + kernel + " data checkpoints",
	"eval":                   "model model/dln " + problems + " l2o/lista l2o/denoise l2o/diff l2o/bilevel l2o/transfer data checkpoints",
	"model":                  kernel + " l2o l2o/linop checkpoints",
	"model/graph":            kernel + " model engine checkpoints",
	"model/dln":              "l2o l2o/linop",
	"l2o/lista":              kernel + " checkpoints " + problems,
	"l2o/lista/graph":        "l2o/lista engine checkpoints",
	"l2o/denoise":            kernel + " checkpoints",
	"l2o/denoise/graph":      "l2o/denoise engine checkpoints",
	"l2o/diff":               problems,
	"l2o/diff/graph":         "l2o/diff l2o engine",
	"l2o/bilevel":            "l2o/diff l2o/denoise " + problems,
	"l2o/bilevel/graph":      "l2o/bilevel l2o/denoise l2o/denoise/graph l2o/linop engine",
	"l2o/transfer":           kernel + " " + problems,
	suites:                   "checkpoints " + problems,
	"l2o":                    kernel + " l2o/linop l2o/prox",
	"l2o/prox":               kernel + " l2o/linop",
	"l2o/linop":              kernel,
	"engine":                 kernel,
	kernel:                   "",
	"data":                   "",
	"checkpoints":            "checkpoints/npy",
	"checkpoints/npy":        "",
}

// row returns the line of rooms for a folder.
func row(folder string) (allowed string, ok bool) {
	if allowed, ok = rooms[folder]; !ok {
		parent, _ := path.Split(folder)
		allowed, ok = rooms[parent+"*"]
	}
	return allowed, ok
}

// graphRooms may import Gorgonia and its tensor; programs of linkRooms may link them through others.
var (
	graphRooms = []string{"engine", "model/graph", "l2o/lista/graph", "l2o/denoise/graph", "l2o/diff/graph", "l2o/bilevel/graph", "train"}
	linkRooms  = append([]string{"cmd/train"}, graphRooms...)
)

// A source is one file of the repository, or one folder without a file.
type source struct {
	path   string // relative to the module's root, with slashes
	folder string
	text   string
	syntax *ast.File // nil unless the file is Go
	set    *token.FileSet
}

func (s source) test() bool     { return strings.HasSuffix(s.path, "_test.go") }
func (s source) external() bool { return s.test() && strings.HasSuffix(s.syntax.Name.Name, "_test") }

// at formats a violation; an invalid position stands for the file.
func (s source) at(pos token.Pos, format string, args ...any) string {
	where := s.path
	if pos.IsValid() {
		where = fmt.Sprintf("%s:%d", s.path, s.set.Position(pos).Line)
	}
	return where + ": " + fmt.Sprintf(format, args...)
}

// imports yields the path of each import and its specification.
func (s source) imports(yield func(string, *ast.ImportSpec) bool) {
	if s.syntax == nil {
		return
	}
	for _, spec := range s.syntax.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil || !yield(p, spec) {
			return
		}
	}
}

// ours returns the folder of an import of this module.
func ours(importPath string) (folder string, ok bool) {
	return strings.CutPrefix(importPath, "unroll/")
}

// gorgonia reports whether an import is Gorgonia, its tensor or a part of them.
func gorgonia(importPath string) bool { return strings.HasPrefix(importPath, "gorgonia.org/") }

// named yields each selector on an import whose path is wanted, as rand.Float64 is on math/rand/v2. A
// local variable of the import's name counts as the import.
func (s source) named(wanted func(importPath string) bool) func(yield func(*ast.SelectorExpr) bool) {
	var local []string
	for p, spec := range s.imports {
		switch {
		case !wanted(p):
		case spec.Name != nil:
			local = append(local, spec.Name.Name)
		default:
			local = append(local, path.Base(strings.TrimSuffix(p, "/v2")))
		}
	}
	return func(yield func(*ast.SelectorExpr) bool) {
		if len(local) == 0 {
			return
		}
		more := true
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && more {
				if x, ok := sel.X.(*ast.Ident); ok && slices.Contains(local, x.Name) {
					more = yield(sel)
				}
			}
			return more
		})
	}
}

// parse makes sources of texts by path; a path that ends in a slash is a folder without a file.
func parse(texts map[string]string) ([]source, error) {
	var all []source
	set := token.NewFileSet()
	for _, p := range slices.Sorted(maps.Keys(texts)) {
		s := source{path: p, folder: path.Dir(p), text: texts[p], set: set}
		if strings.HasSuffix(p, ".go") {
			var err error
			if s.syntax, err = parser.ParseFile(set, p, s.text, parser.ParseComments); err != nil {
				return nil, err
			}
		}
		all = append(all, s)
	}
	return all, nil
}

// readRepository returns the texts under root, without hidden folders other than .ci, modules of their
// own, and what a run writes.
func readRepository(root string) (map[string]string, error) {
	texts := map[string]string{}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == root {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			return enter(texts, p, rel, d.Name())
		}
		if rel == ".git" { // a linked working tree's, which says where its repository is
			return nil
		}
		b, err := os.ReadFile(p)
		if err == nil && utf8.Valid(b) {
			texts[rel] = string(b)
		}
		return err
	})
	return texts, err
}

// enter skips a folder or notes it if it is empty.
func enter(texts map[string]string, p, rel, name string) error {
	_, err := os.Stat(filepath.Join(p, "go.mod"))
	if err == nil || strings.HasPrefix(name, ".") && name != ".ci" || rel == "runs" || rel == "reports" {
		return fs.SkipDir
	}
	entries, err := os.ReadDir(p)
	if len(entries) == 0 {
		texts[rel+"/"] = ""
	}
	return err
}

func TestArchitecture(t *testing.T) {
	texts, err := readRepository("..")
	if err != nil {
		t.Fatal(err)
	}
	repository, err := parse(texts)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		for _, violation := range r.check(repository) {
			t.Errorf("%s: %s", r.name, violation)
		}
	}
}

// Each rule must be broken by each of its own samples and by nothing in the lawful repository.
func TestRulesSeeViolations(t *testing.T) {
	check := func(r rule, texts map[string]string) []string {
		sources, err := parse(texts)
		if err != nil {
			t.Fatal(err)
		}
		return r.check(sources)
	}
	for _, r := range rules {
		if v := check(r, lawful); len(v) > 0 {
			t.Errorf("%s: a lawful repository breaks it: %q", r.name, v)
		}
		if len(r.broken) == 0 {
			t.Errorf("%s: no sample that breaks it", r.name)
		}
		for _, sample := range r.broken {
			texts := maps.Clone(lawful)
			maps.Copy(texts, sample)
			if len(check(r, texts)) == 0 {
				t.Errorf("%s: the sample %q does not break it", r.name, sample)
			}
		}
	}
}
