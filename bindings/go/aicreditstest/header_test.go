package aicreditstest

import (
	"os"
	"testing"
)

// The Go module has a copy of the header, so that it builds without the repository.
func TestTheCopyOfTheHeaderIsCurrent(t *testing.T) {
	header, err := os.ReadFile("aicredits_emulator.h")
	if err != nil {
		t.Fatal(err)
	}
	original, err := os.ReadFile("../../../include/aicredits_emulator.h")
	if err == nil && string(original) != string(header) {
		t.Error("aicredits_emulator.h is not the repository's: `cargo xtask generate` writes both")
	}
}
