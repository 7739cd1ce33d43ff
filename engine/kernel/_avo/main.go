// Command _avo writes the assembly of package kernel; go generate there runs it.
package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"log"
	"os"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	set := flag.NewFlagSet("_avo", flag.ExitOnError)
	flags := build.NewFlags(set)
	set.Parse(os.Args[1:]) // exits on an error
	g := &generator{Context: build.NewContext(), pkg: declarations("../calls_amd64.go", "../tile_asm.go"), constants: map[int]operand.Mem{}}
	g.ConstraintExpr("amd64,!purego")
	for _, f := range []float{single, double} {
		g.float = f
		for _, set := range []isa{avx512, avx2} {
			g.isa = set
			g.tiles()
			g.combine()
		}
		g.isa = avx2
		g.turn()
		g.inner()
		g.elementwiseLoops()
	}
	g.fourier()
	os.Exit(build.Main(flags.Config(), g.Context))
}

// A generator emits instructions for one element type and one instruction set at a time.
type generator struct {
	*build.Context
	float
	isa
	pkg       *types.Package
	constants map[int]operand.Mem // by element size
}

// function opens a function that package kernel declares.
func (g *generator) function(name string) *types.Signature {
	f, ok := g.pkg.Scope().Lookup(name).(*types.Func)
	if !ok {
		log.Fatalf("package kernel does not declare %s", name)
	}
	g.Function(name)
	g.Attributes(attr.NOSPLIT)
	s := f.Type().(*types.Signature)
	g.Signature(gotypes.NewSignature(g.pkg, s))
	return s
}

// arg moves a parameter of the function to a register.
func (g *generator) arg(name string, to reg.Register) { g.MOVQ(g.address(g.Param(name)), to) }

// address is where a parameter or result lies.
func (g *generator) address(c gotypes.Component) operand.Mem {
	b, err := c.Resolve()
	if err != nil {
		log.Fatal(err)
	}
	return b.Addr
}

// fields addresses the fields of a struct of package kernel by their names.
func (g *generator) fields(name string, base reg.Register) func(field string) operand.Mem {
	s := g.pkg.Scope().Lookup(name).Type().Underlying().(*types.Struct)
	var vars []*types.Var
	for i := range s.NumFields() {
		vars = append(vars, s.Field(i))
	}
	offsets := types.SizesFor("gc", "amd64").Offsetsof(vars)
	return func(field string) operand.Mem {
		for i, v := range vars {
			if v.Name() == field {
				return operand.Mem{Base: base, Disp: int(offsets[i])}
			}
		}
		panic(fmt.Sprintf("%s has no field %s", name, field))
	}
}

// declarations type-checks what the assembly needs to know of package kernel, bodies
// of functions apart.
func declarations(paths ...string) *types.Package {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			log.Fatal(err)
		}
		files = append(files, f)
	}
	conf := types.Config{Importer: importer.Default(), IgnoreFuncBodies: true}
	pkg, err := conf.Check("kernel", fset, files, nil)
	if err != nil {
		log.Fatal(err)
	}
	return pkg
}
