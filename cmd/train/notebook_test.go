package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const notebook = "../../notebooks/load.ipynb"

// A cell is one of a notebook, as nbformat 4 has it.
type cell struct {
	Type    string          `json:"cell_type"`
	Source  json.RawMessage `json:"source"` // a text or a list of lines
	Outputs []struct {
		Text json.RawMessage            `json:"text"`
		Data map[string]json.RawMessage `json:"data"`
		Type string                     `json:"output_type"`
	} `json:"outputs"`
}

// text returns what nbformat keeps as one text or as a list of lines.
func text(raw json.RawMessage) string {
	var lines []string
	if json.Unmarshal(raw, &lines) == nil {
		return strings.Join(lines, "")
	}
	var one string
	_ = json.Unmarshal(raw, &one) // nothing else is left
	return one
}

func cells(t *testing.T, path string) []cell {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var n struct{ Cells []cell }
	if err := json.Unmarshal(b, &n); err != nil {
		t.Fatal(err)
	}
	return n.Cells
}

// program assembles the notebook's code: declarations as they are, the cells that begin with %% one after the other in main.
func program(t *testing.T) (declarations []string, source string) {
	t.Helper()
	var body strings.Builder
	for _, c := range cells(t, notebook) {
		code := text(c.Source)
		statements, run := strings.CutPrefix(code, "%%\n")
		switch {
		case c.Type != "code" || strings.HasPrefix(code, "%noautoget"):
		case run:
			fmt.Fprintln(&body, statements)
		default:
			declarations = append(declarations, code)
		}
		if len(c.Outputs) > 0 {
			t.Error("the notebook keeps outputs: they are of one machine and one day")
		}
	}
	if len(declarations) != 3 || strings.Count(body.String(), "load(") != 3 {
		t.Fatalf("the notebook has the declarations %q and the statements %q", declarations, body.String())
	}
	return declarations, "package main\n\n" + strings.Join(declarations, "\n") + "\nfunc main() {\n" + body.String() + "}\n"
}

// The example in this package, which is compiled and has its output checked, is the notebook.
func TestNotebookIsTheExample(t *testing.T) {
	example, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	declarations, _ := program(t)
	for _, d := range declarations {
		for part := range strings.SplitSeq(d, "\n\n") {
			if !strings.Contains(string(example), strings.TrimSpace(part)) {
				t.Errorf("not in the example: %s", part)
			}
		}
	}
}

// trained makes folder/runs/smoke with a checkpoint that this command has just written.
func trained(t *testing.T, folder string) {
	t.Helper()
	silence(t)
	if err := run([]string{"smoke", "steps=20", "every=10", "-out", filepath.Join(folder, "runs", "smoke")}); err != nil {
		t.Fatal(err)
	}
}

// drawn checks what the notebook prints of a run of four layers.
func drawn(t *testing.T, output string) {
	t.Helper()
	for _, want := range []string{"layer003/W2 [64 18]", "written by go", "signal ", "estimate ", "layer  0    0.0 dB █", "layer  4 "} {
		if !strings.Contains(output, want) {
			t.Errorf("%q is not in the output %s", want, output)
		}
	}
}

// The notebook's lines, in a module outside the repository that depends on this one by a replace, on a checkpoint that has just been
// written.
func TestNotebookOutsideTheRepository(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	outside := t.TempDir()
	trained(t, outside)
	_, source := program(t)
	folder := filepath.Join(outside, "notebooks")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"main.go": source,
		"go.mod":  "module outside\n\ngo 1.26\n\nrequire unroll v0.0.0\n\nreplace unroll => " + root + "\n",
		"go.sum":  string(sums),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command("go", "run", "-mod=mod", ".")
	c.Dir = folder
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	drawn(t, string(out))
}

// The notebook itself, without a browser, where Jupyter and GoNB are installed.
func TestNotebookHeadless(t *testing.T) {
	for _, tool := range []string{"jupyter-nbconvert", "gonb", "goimports", "gopls"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	module := t.TempDir() // the repository by links, but for what this test writes
	trained(t, module)
	entries, err := os.ReadDir("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		target, err := filepath.Abs(filepath.Join("../..", e.Name()))
		if err == nil && e.Name() != "runs" && e.Name() != "notebooks" && !strings.HasPrefix(e.Name(), ".") {
			err = os.Symlink(target, filepath.Join(module, e.Name()))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(notebook)
	if err != nil {
		t.Fatal(err)
	}
	const kernel = `{"argv":["gonb","--kernel","{connection_file}"],"display_name":"Go (gonb)","language":"go"}`
	for name, content := range map[string]string{"notebooks/load.ipynb": string(b), "kernels/gonb/kernel.json": kernel} {
		path := filepath.Join(module, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command("jupyter-nbconvert", "--to", "notebook", "--execute", "--output", "out.ipynb", "load.ipynb")
	c.Dir = filepath.Join(module, "notebooks")
	c.Env = append(os.Environ(), "JUPYTER_PATH="+module)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var output strings.Builder
	for _, c := range cells(t, filepath.Join(c.Dir, "out.ipynb")) {
		for _, o := range c.Outputs {
			output.WriteString(text(o.Text))
			for _, d := range o.Data {
				output.WriteString(text(d))
			}
			if o.Type == "error" {
				t.Error("a cell has failed")
			}
		}
	}
	if strings.Contains(output.String(), "exit status") { // nbconvert itself sees no failure in a cell that panics
		t.Error("a cell has failed")
	}
	drawn(t, output.String())
}
