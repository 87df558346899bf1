//go:build cgo && linux

package aicredits_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	. "aicredits.example/aicredits"
	"aicredits.example/aicredits/aicreditstest"
)

func mustRefresh(t *testing.T, gate *Gate) *Balance {
	t.Helper()
	balance, err := gate.Refresh(background)
	if err != nil || balance == nil {
		t.Fatal(balance, err)
	}
	return balance
}

func TestARefreshReturnsAReadingThatIsYoung(t *testing.T) {
	server := withCredits(t, 26)
	gate := newGate(t, server, WithMinInterval(time.Minute), WithMaxAge(time.Minute))
	first, second := mustRefresh(t, gate), mustRefresh(t, gate)
	if spendable, known := second.Spendable(); spendable != 26 || !known || second.String() != first.String() || requests(t, server) != 1 {
		t.Error(second, requests(t, server))
	}
	// A reserve uses the reading too, and makes no other.
	mustReserve(t, gate, 5).Commit()
	if third := mustRefresh(t, gate); third.String() != first.String() || requests(t, server) != 1 {
		t.Error(third, requests(t, server))
	}
	ctx, cancel := context.WithCancel(background)
	cancel()
	if balance, err := gate.Refresh(ctx); balance != nil || !errors.Is(err, ErrCancelled) || !errors.Is(err, context.Canceled) {
		t.Error(balance, err)
	}
	ctx, cancel = context.WithDeadline(background, time.Now().Add(-time.Second))
	defer cancel()
	if balance, err := gate.Refresh(ctx); balance != nil || !errors.Is(err, ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) {
		t.Error(balance, err)
	}
}

func TestARefreshWithoutAMinimalIntervalReadsAgain(t *testing.T) {
	server := withCredits(t, 26)
	gate := newGate(t, server)
	for expected := int64(26); expected < 30; expected++ {
		if spendable, _ := mustRefresh(t, gate).Spendable(); spendable != expected {
			t.Error(spendable)
		}
		if _, err := server.TopUp(aicreditstest.TopUp{Amount: 1}); err != nil {
			t.Fatal(err)
		}
	}
}

// A failure is returned at once until the next reading may start.
func TestARefreshAfterAFailure(t *testing.T) {
	server := withCredits(t, 26)
	if _, err := server.Fault(aicreditstest.Fault{Reply: &unavailable}); err != nil {
		t.Fatal(err)
	}
	// The pause after a failure is twice as long.
	gate := newGate(t, server, WithMinInterval(time.Second))
	for range 3 {
		balance, err := gate.Refresh(background)
		if balance != nil || !errors.Is(err, ErrServer) || errors.Is(err, ErrDenied) || requests(t, server) != 1 {
			t.Error(balance, err, requests(t, server))
		}
	}
	eventually(t, "a reading", func() bool {
		balance, err := gate.Refresh(background)
		return err == nil && balance != nil
	})
	if requests(t, server) != 2 {
		t.Error(requests(t, server))
	}
}

// Each of them has its own balance, whether it has read, waited, or come later.
func TestManyRefreshesShareAReading(t *testing.T) {
	server := withCredits(t, 26)
	gate := newGate(t, server, WithMinInterval(time.Minute), WithMaxAge(time.Minute))
	var group sync.WaitGroup
	for range 64 {
		group.Add(1)
		go func() {
			defer group.Done()
			for range 10 {
				balance, err := gate.Refresh(background)
				if err != nil || balance == nil {
					t.Error(balance, err)
					return
				}
				if spendable, _ := balance.Spendable(); spendable != 26 {
					t.Error(spendable)
				}
			}
		}()
	}
	group.Wait()
	if requests(t, server) != 1 || Waiting() != 0 {
		t.Error(requests(t, server), Waiting())
	}
}
