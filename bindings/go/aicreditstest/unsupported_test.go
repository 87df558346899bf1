//go:build !cgo || !linux

package aicreditstest

import (
	"errors"
	"strings"
	"testing"
)

// Start returns one error. Everything else is there.
func TestABuildWithoutTheLibraryReturnsAnError(t *testing.T) {
	emulator, err := Start(WithScenario("free-plan"), WithTLS())
	var failure *Error
	if emulator != nil || !errors.As(err, &failure) || failure.Code != "unsupported" || !strings.Contains(err.Error(), "CGO_ENABLED=1") {
		t.Error(emulator, err)
	}
	none := &Emulator{native: &native{}, fixed: &fixed{}}
	if _, err := none.Spend(Spend{Cost: 1}); !errors.As(err, &failure) || failure.Code != "unsupported" {
		t.Error(err)
	}
	if none.Close() != nil || none.URL() != "" {
		t.Error(none)
	}
}
