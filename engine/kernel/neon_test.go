//go:build !arm64 && !purego

package kernel

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The tests that meet NEON run in an emulator of arm64, built for Linux by the go command.
func TestNEON(t *testing.T) {
	tests := []string{"TestGemmIsOneChainPerElement", "TestNothingIsTouchedOutside", "TestFMA32RoundsOnce", "TestFMASpecialValues", "TestBLASAgreesWithGonum"}
	qemu, err := exec.LookPath("qemu-aarch64")
	if err != nil {
		t.Skipf("%d tests on NEON skipped: no qemu-aarch64 (Debian: qemu-user)", len(tests))
	}
	// Without this the cache of test results would not notice a change in a file for arm64.
	if _, err := os.ReadDir("."); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "kernel.test")
	build := exec.Command("go", "test", "-c", "-o", binary, ".")
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(qemu, binary, "-test.v", "-test.run", "^("+strings.Join(tests, "|")+")$/^neon$").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for _, name := range tests {
		if !strings.Contains(string(out), "--- PASS: "+name) {
			t.Errorf("%s did not pass\n%s", name, out)
		}
	}
	if !strings.Contains(string(out), "--- PASS: "+tests[0]+"/neon") {
		t.Errorf("nothing ran on NEON\n%s", out)
	}
}
