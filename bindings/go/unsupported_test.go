//go:build !cgo || !linux

package aicredits

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// Functions that need the library return one error. All others work.
func TestABuildWithoutTheLibraryReturnsAnError(t *testing.T) {
	client, made := NewClient(FromEnv(), WithAPIKey("IST.key"), WithSite("s"))
	_, read := FromJSON([]byte("{}"))
	var balance Balance
	stored := json.Unmarshal([]byte(`{"reply":{}}`), &balance)
	for _, err := range []error{made, read, stored} {
		if !errors.Is(err, ErrInvalidArgument) || !strings.Contains(err.Error(), "CGO_ENABLED=1") || strings.Contains(err.Error(), "IST") {
			t.Error(err)
		}
	}
	SetLogger(nil)
	if _, err := client.GetBalance(context.Background()); client != nil || !errors.Is(err, ErrInvalidArgument) || client.Close() != nil {
		t.Error(client, err)
	}
	if shown := (Scope{SiteID: "a\nb"}).String(); shown != `site a\nb` {
		t.Error(shown)
	}
}
