//go:build cgo && linux && !race

package aicredits_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	. "aicredits.example/aicredits"
)

// Not with the race detector, because its memory grows.
func TestRoundsLeaveNothingBehind(t *testing.T) {
	client := newClient(t)
	call := func(client *Client) {
		ctx, cancel := context.WithCancel(background)
		defer cancel()
		if _, err := client.GetBalance(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := client.GetBalance(background, ForSite("unknown")); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
	}
	key, rounds := os.Getenv("WIX_API_KEY"), 0
	for name, round := range map[string]func(){
		"calls": func() { call(client) },
		"gates": func() {
			gate, err := client.NewGate()
			if err != nil {
				t.Fatal(err)
			}
			reservation, err := gate.Reserve(background, 1, WithLabel("a round"))
			if err != nil {
				t.Fatal(err)
			}
			var denial *Denial
			if _, err := gate.Reserve(background, 2000); !errors.As(err, &denial) || denial.Error() == "" {
				t.Fatal(err)
			}
			// Every second one is left to the garbage collector.
			reservation.Commit()
			if rounds++; rounds%2 == 0 {
				reservation.Close()
			}
			gate.Close()
		},
		"clients": func() {
			made, err := NewClient(FromEnv(), WithCredentialProvider(func(context.Context) (string, error) { return key, nil }))
			if err != nil {
				t.Fatal(err)
			}
			call(made)
			made.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			settled := func() (int, int) {
				for range 10000 {
					round()
				}
				eventually(t, "every reading is freed", func() bool { runtime.GC(); return Held() == 0 })
				debug.FreeOSMemory()
				return resident(t), entries(t, "/proc/self/fd")
			}
			memory, files := settled()
			// Cleanups free in an order that leaves holes, which later rounds fill: what is left behind grows each time.
			for range 8 {
				moreMemory, moreFiles := settled()
				t.Logf("10,000 rounds after as many: %d KiB, %d descriptors", moreMemory-memory, moreFiles-files)
				if moreMemory-memory < 1024 && moreFiles <= files {
					return
				}
				memory, files = moreMemory, moreFiles
			}
			t.Error("something is left behind")
		})
	}
}

// resident is the resident memory in KiB.
func resident(t *testing.T) int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	figure, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return figure
}
