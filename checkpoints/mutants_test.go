package checkpoints

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var faults = flag.Bool("faults", false, "also test that the tests fail when a line that the promises stand on is missing")

// A mutant is the package with texts of one file replaced, each standing there once.
type mutant struct {
	name, file string
	texts      []string // from, to, from, to, …
}

var mutants = []mutant{
	{"no fsync of the file", "save.go", []string{"err = w.Sync()", "_ = w.Sync"}},
	{"a failed fsync is tried again", "save.go", []string{"err = w.Sync()", "if err = w.Sync(); err != nil {\nerr = w.Sync()\n}"}},
	{"no fsync of the folder", "save.go", []string{"return on.SyncFolder(filepath.Dir(path))", "return nil"}},
	{"no fsync above a new folder", "store.go", []string{"return on.SyncFolder(parent)", "return nil"}},
	{"no fsync in Clear", "store.go", []string{"err = s.fs.SyncFolder(s.folder)", "err = nil"}},
	{"rename before the contents", "save.go", []string{
		"if err = fill(w, data); err == nil {\n\t\terr = on.Rename(name, path)\n\t}", "if err = on.Rename(name, path); err == nil {\n\t\terr = fill(w, data)\n\t}"}},
	{"remove before the rename", "save.go", []string{"err = on.Rename(name, path)", "_ = on.Remove(path)\nerr = on.Rename(name, path)"}},
	{"prune before the save", "store.go", []string{
		"if err := save(s.fs, path, f); err != nil {\n\t\treturn err\n\t}\n", "_ = s.prune(step, also)\nif err := save(s.fs, path, f); err != nil {\n\t\treturn err\n\t}\n"}},
	{"prune before the fsync of the folder", "store.go", []string{
		"if err := save(s.fs, path, f); err != nil {", "if err := save(unsynced{s.fs}, path, f); err != nil {",
		"return fmt.Errorf(\"checkpoints: prune after %s: %w\", path, err)\n\t}\n\treturn nil\n}",
		"return err\n\t}\n\treturn s.fs.SyncFolder(s.folder)\n}\ntype unsynced struct{ FS }\nfunc (unsynced) SyncFolder(string) error { return nil }\n"}},
	{"one checkpoint kept", "store.go", []string{"const keep = 2", "const keep = 1"}},
	{"the best checkpoint pruned", "store.go", []string{"case old > step || !slices.Contains(also, old):", "default:"}},
	{"short write", "save.go", []string{"err == nil && n < len(data)", "err == nil && n < 0"}},
	{"close unchecked", "save.go", []string{"if e := w.Close(); err == nil {", "if e := w.Close(); false {"}},
	{"temporary file left", "save.go", []string{"if e := on.Remove(name); e != nil {", "if e := error(nil); e != nil {"}},
	{"temporary file of others taken", "fs.go", []string{"|os.O_EXCL", "|os.O_TRUNC"}},
	{"temporary files of the killed stay", "store.go", []string{"if err == nil && isTemp(name) {", "if false {"}},
	{"shared lock", "fs_unix.go", []string{"LOCK_EX", "LOCK_SH"}},
	{"oldest first", "store.go", []string{"slices.Reverse(steps)", "_ = steps"}},
	{"pruned under the reader", "newest.go", []string{"|| !pruned ||", "|| pruned ||"}},
	{"a newer version passed over", "newest.go", []string{"; newer {", "; newer && false {"}},
	{"no digest", "footer.go", []string{" || sha256.Sum256(payload) != [32]byte(footer[32:])", ""}},
	{"no checksum of the footer", "footer.go", []string{"!= footerSum(footer)", "!= 0 && false"}},
	{"no length in the footer", "footer.go", []string{"binary.LittleEndian.Uint64(footer[24:]) != uint64(n) ||", ""}},
	{"bytes after the envelope", "unpack.go", []string{"if r.Len() > 0 {", "if false {"}},
}

// The package without one of the lines that its promises stand on must fail its tests. Each mutant is tested in a copy.
func TestMutantsAreKilled(t *testing.T) {
	if !*faults {
		t.Skip("takes a minute; -faults runs it")
	}
	module := t.TempDir()
	copied := filepath.Join(module, "checkpoints")
	if err := os.CopyFS(copied, os.DirFS(".")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		b, err := os.ReadFile(filepath.Join("..", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(module, name), b, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	goCommand := func(args ...string) (string, error) {
		c := exec.Command("go", args...)
		c.Dir = copied
		out, err := c.CombinedOutput()
		return string(out), err
	}
	if out, err := goCommand("test", "."); err != nil {
		t.Fatalf("the copy fails as it is: %s", out)
	}
	killed := 0
	for _, m := range mutants {
		m.mutate(t, copied)
		switch out, err := goCommand("test", "-vet=off", "-failfast", "."); {
		case err == nil:
			t.Errorf("%s: lives", m.name)
		case !strings.Contains(out, "--- FAIL: "):
			t.Errorf("%s: no test of ours failed: %s", m.name, out)
		default:
			killed++
		}
		m.restore(t, copied)
	}
	t.Logf("%d mutants, %d killed", len(mutants), killed)
}

func (m mutant) mutate(t *testing.T, folder string) {
	t.Helper()
	b, err := os.ReadFile(m.file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for i := 0; i < len(m.texts); i += 2 {
		if n := strings.Count(text, m.texts[i]); n != 1 {
			t.Fatalf("%s: %q stands %d times in %s", m.name, m.texts[i], n, m.file)
		}
		text = strings.Replace(text, m.texts[i], m.texts[i+1], 1)
	}
	if err := os.WriteFile(filepath.Join(folder, m.file), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func (m mutant) restore(t *testing.T, folder string) {
	t.Helper()
	b, err := os.ReadFile(m.file)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, m.file), b, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}
