package cmd_test

import (
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
)

func importTable(all []source) (violations []string) {
	for _, s := range all {
		allowed, ok := row(s.folder)
		if s.syntax != nil && !ok {
			violations = append(violations, s.at(token.NoPos, "the table has no package here"))
		}
		for p, spec := range s.imports {
			if spec.Name != nil && spec.Name.Name == "." {
				violations = append(violations, s.at(spec.Pos(), "import of all names of %s", p))
			}
			if to, ok := ours(p); ok && !mayImport(s, allowed, to) {
				violations = append(violations, s.at(spec.Pos(), "%s may not import %s", s.folder, to))
			}
		}
	}
	return violations
}

func mayImport(s source, allowed, to string) bool {
	if s.external() && (to == s.folder || to == suites) {
		return true
	}
	return to != suites && (allowed == "*" || slices.Contains(strings.Fields(allowed), to))
}

func gorgoniaInItsRooms(all []source) (violations []string) {
	free := func(s source, rooms []string) bool {
		return strings.HasPrefix(s.folder, "bench/") || slices.Contains(rooms, s.folder)
	}
	links := linking(all)
	for _, s := range all {
		for p, spec := range s.imports {
			to, _ := ours(p)
			switch {
			case gorgonia(p) && !free(s, graphRooms):
				violations = append(violations, s.at(spec.Pos(), "import of %s", p))
			case links[to] && !free(s, linkRooms):
				violations = append(violations, s.at(spec.Pos(), "%s links Gorgonia", p))
			}
		}
	}
	return violations
}

// linking returns the folders whose package links Gorgonia, itself or through others of this module.
func linking(all []source) map[string]bool {
	links := map[string]bool{}
	for grown := true; grown; {
		grown = false
		for _, s := range all {
			for p := range s.imports {
				to, _ := ours(p)
				if !s.test() && !links[s.folder] && (gorgonia(p) || links[to]) {
					links[s.folder], grown = true, true
				}
			}
		}
	}
	return links
}

var clockSeeded = regexp.MustCompile(`^(WithInit|Gaussian.*|Uniform.*|Binomial.*|Glorot.*|He(N|U|EtAl.*)|Dropout.*|.*RandomNode|Random)$`)

func clockSeeds(all []source) (violations []string) {
	for _, s := range all {
		for sel := range s.named(gorgonia) {
			if clockSeeded.MatchString(sel.Sel.Name) {
				violations = append(violations, s.at(sel.Pos(), "%s seeds from the clock; weights enter by WithValue", sel.Sel.Name))
			}
		}
	}
	return violations
}

func globalRandomness(all []source) (violations []string) {
	banned := []string{"math/rand", "crypto/rand", "hash/maphash"}
	keyed := []string{"New", "NewPCG", "NewChaCha8", "NewZipf", "Rand", "Source", "PCG", "ChaCha8", "Zipf"}
	for _, s := range all {
		for p, spec := range s.imports {
			if slices.Contains(banned, p) {
				violations = append(violations, s.at(spec.Pos(), "import of %s", p))
			}
		}
		for sel := range s.named(func(p string) bool { return p == "math/rand/v2" }) {
			if !slices.Contains(keyed, sel.Sel.Name) {
				violations = append(violations, s.at(sel.Pos(), "rand.%s draws from the global generator", sel.Sel.Name))
			}
		}
	}
	return violations
}

func clock(all []source) (violations []string) {
	free := []string{"eval/stopwatch.go", "train/progress.go"}
	banned := []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}
	for _, s := range all {
		top, _, _ := strings.Cut(s.path, "/")
		if top == "cmd" || top == "bench" || slices.Contains(free, s.path) {
			continue
		}
		for sel := range s.named(func(p string) bool { return p == "time" }) {
			if slices.Contains(banned, sel.Sel.Name) {
				violations = append(violations, s.at(sel.Pos(), "time.%s", sel.Sel.Name))
			}
		}
	}
	return violations
}

func cgo(all []source) (violations []string) {
	for _, s := range all {
		for p, spec := range s.imports {
			if p == "C" {
				violations = append(violations, s.at(spec.Pos(), "import of C"))
			}
		}
	}
	return violations
}

func packageNames(all []source) (violations []string) {
	banned := []string{"util", "utils", "common", "helper", "helpers", "types", "config", "experiments", "misc"}
	for _, s := range all {
		if s.syntax != nil && (slices.Contains(banned, s.syntax.Name.Name) || slices.Contains(banned, path.Base(s.folder))) {
			violations = append(violations, s.at(token.NoPos, "package %s says nothing of what it holds", s.syntax.Name.Name))
		}
	}
	return violations
}

func packageDocs(all []source) (violations []string) {
	docs := map[string]int{}
	first := map[string]source{}
	var folders []string
	for _, s := range all {
		if s.syntax == nil || s.test() {
			continue
		}
		if _, seen := first[s.folder]; !seen {
			first[s.folder] = s
			folders = append(folders, s.folder)
		}
		if s.syntax.Doc != nil {
			docs[s.folder]++
		}
	}
	for _, f := range folders {
		if docs[f] != 1 {
			violations = append(violations, first[f].at(token.NoPos, "%d package comments in %s, want 1", docs[f], f))
		}
	}
	return violations
}

// A folder of the table that holds only tests or text is empty too.
func emptyFolders(all []source) (violations []string) {
	code := map[string]bool{}
	for _, s := range all {
		if s.syntax != nil && !s.test() {
			code[s.folder] = true
		}
	}
	for _, s := range all {
		_, room := rooms[s.folder]
		if s.path[len(s.path)-1] == '/' || room && s.folder != "cmd" && !code[s.folder] {
			violations = append(violations, s.at(token.NoPos, "no package in its folder"))
		}
	}
	return violations
}

// A home or work folder of one machine, a Windows one, the settings or hosts of module and package
// registries, an address of this machine.
var machinePath = regexp.MustCompile(`(^|[^\w.])/(home|root|work|Users|tmp)\b|\b[A-Z]:\\|GOPROXY[=]|\b(proxy|sum)\.golang\.org|\bregistry\.[a-z]|\bpypi\b|artifac[t]ory|\b127\.0\.0\.1|\blocalhost:`)

func machinePaths(all []source) (violations []string) {
	for _, s := range all {
		for i, line := range strings.Split(s.text, "\n") {
			if m := machinePath.FindString(line); m != "" {
				violations = append(violations, s.at(token.NoPos, "line %d holds %q", i+1, m))
			}
		}
	}
	return violations
}
