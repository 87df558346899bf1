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
	gate, noGate := client.NewGate(WithHeadroom(1))
	_, reserved := gate.Reserve(context.Background(), 1)
	_, reservedNow := gate.ReserveNow(context.Background(), 1)
	_, fitted := gate.ReserveUpTo(context.Background(), 1, 2)
	_, refreshed := gate.Refresh(context.Background())
	_, sub := gate.SubGate(1)
	fleet, noFleet := client.GetBalances(context.Background(), []Target{SiteTarget("s")}, WithRate(1), WithoutRate())
	for _, err := range []error{made, read, stored, noGate, reserved, reservedNow, fitted, refreshed, sub, gate.SetLimit(1), noFleet} {
		if !errors.Is(err, ErrInvalidArgument) || !strings.Contains(err.Error(), "CGO_ENABLED=1") || strings.Contains(err.Error(), "IST") {
			t.Error(err)
		}
	}
	if gate != nil || gate.Close() != nil || gate.State().Granted() != 0 || new(Reservation).Commit() {
		t.Error(gate)
	}
	for range fleet.Outcomes() {
		t.Error("an outcome")
	}
	if fleet != nil || fleet.Close() != nil || fleet.Progress().Total != 0 {
		t.Error(fleet)
	}
	SetLogger(nil)
	if _, err := client.GetBalance(context.Background()); client != nil || !errors.Is(err, ErrInvalidArgument) || client.Close() != nil {
		t.Error(client, err)
	}
	if shown := (Scope{SiteID: "a\nb"}).String(); shown != `site a\nb` {
		t.Error(shown)
	}
}
