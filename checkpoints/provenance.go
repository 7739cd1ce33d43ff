package checkpoints

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
)

// Provenance says which program wrote a File. It holds no time and no host: two runs of one program
// write the same. A field is empty where the build does not tell.
type Provenance struct {
	Go       string `json:"go"`
	GOARCH   string `json:"goarch"`
	GOAMD64  string `json:"goamd64,omitempty"` // v3 and up fuse multiply and add: other bits
	Kernel   string `json:"kernel,omitempty"`  // the instruction set of the arithmetic, as engine/kernel names it
	Gorgonia string `json:"gorgonia,omitempty"`
	Tensor   string `json:"tensor,omitempty"`
	Gonum    string `json:"gonum,omitempty"`
	Revision string `json:"revision,omitempty"` // of the version control, "+modified" if the tree was
}

// Differences lists the fields in which p, of a file, is not q, of the program that reads it: "go go1.26.1, now go1.26.8". Under
// another arithmetic or other code the rest of a run may have other bits.
func (p Provenance) Differences(q Provenance) (list []string) {
	there, here := reflect.ValueOf(p), reflect.ValueOf(q)
	for i, field := range reflect.VisibleFields(there.Type()) {
		if a, b := there.Field(i).String(), here.Field(i).String(); a != b {
			list = append(list, fmt.Sprintf("%s %s, now %s", strings.ToLower(field.Name), cmp.Or(a, "unknown"), cmp.Or(b, "unknown")))
		}
	}
	return list
}

// ReadProvenance returns the provenance of the running program, but for Kernel, which this package does not know.
func ReadProvenance() Provenance {
	p := Provenance{Go: runtime.Version(), GOARCH: runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		p.fill(info)
	}
	return p
}

func (p *Provenance) fill(info *debug.BuildInfo) {
	modified := false
	for _, s := range info.Settings {
		switch s.Key {
		case "GOAMD64":
			p.GOAMD64 = s.Value
		case "vcs.revision":
			p.Revision = s.Value
		case "vcs.modified":
			modified = s.Value == "true"
		}
	}
	if modified {
		p.Revision += "+modified"
	}
	for _, m := range info.Deps {
		switch m.Path {
		case "gorgonia.org/gorgonia":
			p.Gorgonia = m.Version
		case "gorgonia.org/tensor":
			p.Tensor = m.Version
		case "gonum.org/v1/gonum":
			p.Gonum = m.Version
		}
	}
}

// parse reads what json.Marshal wrote of a Provenance, with the fields of one only.
func (p *Provenance) parse(raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(p)
}
