package checkpoints

import (
	"bytes"
	"encoding/json"
	"runtime"
	"runtime/debug"
)

// Provenance says which program wrote a File. It holds no time and no host: two runs of one program
// write the same. A field is empty where the build does not tell.
type Provenance struct {
	Go       string `json:"go"`
	GOARCH   string `json:"goarch"`
	GOAMD64  string `json:"goamd64,omitempty"` // v3 and up fuse multiply and add: other bits
	Gorgonia string `json:"gorgonia,omitempty"`
	Tensor   string `json:"tensor,omitempty"`
	Gonum    string `json:"gonum,omitempty"`
	Revision string `json:"revision,omitempty"` // of the version control, "+modified" if the tree was
}

// ReadProvenance returns the provenance of the running program.
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
