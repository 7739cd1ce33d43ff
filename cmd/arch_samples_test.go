package cmd_test

// A rule finds its violations and carries samples that break it, each a set of files that is added to
// the lawful ones.
type rule struct {
	name   string
	check  func([]source) []string
	broken []map[string]string
}

// lawful is a small repository that keeps every rule.
var lawful = map[string]string{
	"README.md":                   "# Unroll",
	"cmd/train/main.go":           "// Command train.\n" + `package main; import ("time"; "unroll/cmd/internal/cli"; "unroll/train"; "unroll/eval"); var now = time.Now`,
	"cmd/eval/main.go":            "// Command eval.\n" + `package main; import "unroll/eval"`,
	"cmd/internal/cli/args.go":    "// Package cli.\n" + "package cli",
	"train/loop.go":               "// Package train.\n" + `package train; import ("gorgonia.org/gorgonia"; "unroll/model/graph"; "unroll/data"); var g = gorgonia.NewGraph()`,
	"train/progress.go":           `package train; import "time"; var now = time.Now`,
	"eval/stopwatch.go":           "// Package eval.\n" + `package eval; import ("time"; "unroll/l2o"; "unroll/model"); var now = time.Now`,
	"model/graph/graph.go":        "// Package graph.\n" + `package graph; import ("gorgonia.org/gorgonia"; "unroll/engine"; "unroll/model"); var g = gorgonia.WithValue`,
	"model/config.go":             "// Package model.\n" + `package model; import "unroll/l2o"`,
	"engine/op.go":                "// Package engine.\n" + `package engine; import "gorgonia.org/tensor"; var d = tensor.New`,
	"l2o/problem.go":              "// Package l2o.\n" + `package l2o; import "unroll/l2o/linop"`,
	"l2o/problem_test.go":         `package l2o_test; import ("unroll/l2o"; "unroll/l2o/l2otest")`,
	"l2o/linop/dense.go":          "// Package linop.\n" + "package linop",
	"l2o/l2otest/solver.go":       "// Package l2otest.\n" + `package l2otest; import "unroll/l2o"`,
	"data/draw.go":                "// Package data.\n" + `package data; import ("time"; "math/rand/v2"); var r = rand.New(rand.NewPCG(1, 2)).Float64(); var d time.Duration`,
	"engine/kernel/kernel.go":     "// Package kernel.\n" + "package kernel",
	"engine/kernel/tile_other.go": "package kernel",
}

var rules = []rule{
	{"import table", importTable, []map[string]string{
		{"data/a.go": `package data; import "unroll/l2o"`},
		{"l2o/a.go": `package l2o; import "unroll/data"`},
		{"l2o/a_test.go": `package l2o; import "unroll/data"`},
		{"l2o/a_test.go": `package l2o_test; import "unroll/data"`},
		{"train/a.go": `package train; import "unroll/eval"`},
		{"eval/a.go": `package eval; import "unroll/train"`},
		{"eval/a.go": `package eval; import "unroll/model/graph"`},
		{"engine/kernel/a_test.go": `package kernel; import "unroll/engine"`},
		{"l2o/a.go": `package l2o; import "unroll/l2o/l2otest"`},
		{"l2o/a_test.go": `package l2o; import "unroll/l2o/l2otest"`},
		{"cmd/eval/a.go": `package main; import "unroll/l2o/l2otest"`},
		{"cmd/internal/cli/a.go": `package cli; import "unroll/train"`},
		{"model/a.go": `package model; import . "math"`},
		{"notes/a.go": "// Package notes.\n" + "package notes"},
		{"cmd/internal/misc/a.go": "// Package misc.\n" + "package misc"},
	}},
	{"Gorgonia", gorgoniaInItsRooms, []map[string]string{
		{"model/a.go": `package model; import "gorgonia.org/gorgonia"`},
		{"model/a_test.go": `package model_test; import "gorgonia.org/tensor"`},
		{"cmd/train/a.go": `package main; import "gorgonia.org/gorgonia"`},
		{"engine/kernel/a.go": `package kernel; import _ "gorgonia.org/tensor"`},
		{"eval/a.go": `package eval; import "unroll/model/graph"`},
		{"l2o/linop/a.go": `package linop; import "unroll/data"`, "data/a.go": `package data; import "unroll/train"`},
		{"cmd/recover/a.go": "// Command recover.\n" + `package main; import "unroll/engine"`},
		{"checkpoints/a_test.go": `package checkpoints_test; import "unroll/train"`},
	}},
	{"seeds from the clock", clockSeeds, []map[string]string{
		{"train/a.go": `package train; import "gorgonia.org/gorgonia"; var w = gorgonia.WithInit(nil)`},
		{"train/a.go": `package train; import g "gorgonia.org/gorgonia"; var w = g.GlorotN(1)`},
		{"train/a_test.go": `package train; import "gorgonia.org/gorgonia"; func f() { gorgonia.Dropout(nil, .5) }`},
		{"engine/a.go": `package engine; import "gorgonia.org/tensor"; var w = tensor.Random`},
		{"engine/a.go": `package engine; import "gorgonia.org/gorgonia"; var w = gorgonia.HeEtAlN64`},
		{"engine/a.go": `package engine; import "gorgonia.org/gorgonia"; var w = gorgonia.UniformRandomNode`},
	}},
	{"global randomness", globalRandomness, []map[string]string{
		{"data/a.go": `package data; import "math/rand"`},
		{"data/a_test.go": `package data; import "crypto/rand"`},
		{"data/a.go": `package data; import "hash/maphash"`},
		{"data/a.go": `package data; import "math/rand/v2"; var x = rand.Float64()`},
		{"data/a_test.go": `package data_test; import r "math/rand/v2"; var x = r.Perm`},
	}},
	{"clock below cmd", clock, []map[string]string{
		{"train/a.go": `package train; import "time"; var t = time.Now()`},
		{"eval/a.go": `package eval; import "time"; func f(t time.Time) { time.Since(t) }`},
		{"model/a_test.go": `package model; import clock "time"; var c = clock.After(1)`},
		{"data/stopwatch.go": `package data; import "time"; var t = time.NewTicker`},
	}},
	{"cgo", cgo, []map[string]string{{"engine/kernel/a.go": `package kernel; import "C"`}}},
	{"package names", packageNames, []map[string]string{
		{"l2o/utils/a.go": "package x"}, {"l2o/a/a.go": "package common"}, {"data/helpers/a.go": "package helpers"},
		{"train/config/a.go": "package config"}, {"types/a.go": "package types"}, {"experiments/a.go": "package e"},
		{"cmd/internal/misc/a.go": "package misc"},
	}},
	{"package docs", packageDocs, []map[string]string{
		{"data/draw.go": "package data"},
		{"data/a.go": "// Package data again.\n" + "package data"},
		{"cmd/eval/main.go": "package main"},
	}},
	{"empty folders", emptyFolders, []map[string]string{
		{"bench/": ""},
		{"l2o/lista/graph/": ""},
		{"l2o/diff/note.md": "later"},
		{"l2o/diff/a_test.go": "package diff"},
	}},
	{"machine paths", machinePaths, []map[string]string{
		{"README.md": "see /" + "home/ann/unroll"},
		{".ci/run": "cd /" + "root"},
		{"a.go": "package a // /" + "work/main"},
		{"go.txt": "GOPROXY" + "=x"},
		{"README.md": "https://proxy." + "golang.org"},
		{"README.md": "http://127." + "0.0.1:3000"},
		{"README.md": "https://registry." + "npmjs.org"},
		{"README.md": "C:" + `\Users\ann`},
	}},
}
