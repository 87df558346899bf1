//go:build cgo && linux

package aicredits

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
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
	server := serve(t, always(topUps(26)))
	gate := newGate(t, server.url, WithMinInterval(time.Minute), WithMaxAge(time.Minute))
	first, second := mustRefresh(t, gate), mustRefresh(t, gate)
	if spendable, known := second.Spendable(); spendable != 26 || !known || second.String() != first.String() || len(server.requests) != 1 {
		t.Error(second, len(server.requests))
	}
	// A reserve uses the reading too, and makes no other.
	mustReserve(t, gate, 5).Commit()
	if third := mustRefresh(t, gate); third.String() != first.String() || len(server.requests) != 1 {
		t.Error(third, len(server.requests))
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
	server := serve(t, func(n int) string { return topUps(int64(26 + n)) })
	gate := newGate(t, server.url)
	for expected := int64(26); expected < 30; expected++ {
		if spendable, _ := mustRefresh(t, gate).Spendable(); spendable != expected {
			t.Error(spendable)
		}
	}
}

// A failure is returned at once until the next reading may start.
func TestARefreshAfterAFailure(t *testing.T) {
	server := serve(t, func(n int) string {
		if n == 0 {
			return "HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n"
		}
		return topUps(26)
	})
	// The pause after a failure is twice as long.
	gate := newGate(t, server.url, WithMinInterval(time.Second))
	for range 3 {
		balance, err := gate.Refresh(background)
		if balance != nil || !errors.Is(err, ErrServer) || errors.Is(err, ErrDenied) || len(server.requests) != 1 {
			t.Error(balance, err, len(server.requests))
		}
	}
	eventually(t, "a reading", func() bool {
		balance, err := gate.Refresh(background)
		return err == nil && balance != nil
	})
	if len(server.requests) != 2 {
		t.Error(len(server.requests))
	}
}

// Each of them has its own balance, whether it has read, waited, or come later.
func TestManyRefreshesShareAReading(t *testing.T) {
	server := serve(t, always(topUps(26)))
	gate := newGate(t, server.url, WithMinInterval(time.Minute), WithMaxAge(time.Minute))
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
	if len(server.requests) != 1 || waiting() != 0 {
		t.Error(len(server.requests), waiting())
	}
}
