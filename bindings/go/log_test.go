//go:build cgo && linux

package aicredits_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"

	. "aicredits.example/aicredits"
)

// collecting is a handler that keeps its records.
type collecting struct {
	lock    sync.Mutex
	level   *slog.LevelVar
	records []map[string]any
	hold    chan struct{}
	holding chan struct{}
}

func (c *collecting) Enabled(_ context.Context, level slog.Level) bool {
	return level >= c.level.Level()
}
func (c *collecting) WithAttrs([]slog.Attr) slog.Handler { return c }
func (c *collecting) WithGroup(string) slog.Handler      { return c }

func (c *collecting) Handle(ctx context.Context, record slog.Record) error {
	if c.hold != nil {
		c.holding <- struct{}{}
		<-c.hold
	}
	kept := map[string]any{"level": record.Level, "trace": ctx.Value(key{})}
	record.Attrs(func(attribute slog.Attr) bool { kept[attribute.Key] = attribute.Value.String(); return true })
	c.lock.Lock()
	defer c.lock.Unlock()
	c.records = append(c.records, kept)
	return nil
}

func TestARecordHasItsCallsContextAndScope(t *testing.T) {
	defer SetLogger(nil)
	handler := &collecting{level: &slog.LevelVar{}}
	handler.level.Set(slog.LevelDebug)
	SetLogger(slog.New(handler))
	client := newClient(t)
	var group sync.WaitGroup
	for _, site := range []string{"s-1", "s-2", "s-3"} {
		group.Add(1)
		go func() {
			defer group.Done()
			client.GetBalance(context.WithValue(background, key{}, "trace of "+site), ForAccountAndSite("a-1", site))
		}()
	}
	group.Wait()
	seen := map[any]int{}
	for _, record := range handler.records {
		if site, _ := record["site_id"].(string); record["trace"] != "trace of "+site || record["account_id"] != "a-1" {
			t.Error(record)
		}
		seen[record["trace"]]++
	}
	if len(seen) != 3 {
		t.Error(seen)
	}
}

func TestTheLoggersLevelIsAskedAtEachCall(t *testing.T) {
	defer SetLogger(nil)
	handler := &collecting{level: &slog.LevelVar{}}
	handler.level.Set(slog.LevelError + 1)
	SetLogger(slog.New(handler))
	client := newClient(t)
	call := func() int {
		handler.records = nil
		if _, err := client.GetBalance(background); err != nil {
			t.Fatal(err)
		}
		return len(handler.records)
	}
	if count := call(); count != 0 {
		t.Error(count, "records above every level")
	}
	handler.level.Set(slog.LevelDebug)
	if count := call(); count == 0 {
		t.Error("no record after the level was lowered")
	}
	handler.level.Set(slog.LevelError)
	if count := call(); count != 0 {
		t.Error(count, "records after the level was raised")
	}
}

// SetLogger waits until the old logger has handled its record.
func TestAReplacedLoggerGetsNoRecord(t *testing.T) {
	defer SetLogger(nil)
	handler := &collecting{level: &slog.LevelVar{}, hold: make(chan struct{}), holding: make(chan struct{}, 1000)}
	handler.level.Set(slog.LevelDebug)
	SetLogger(slog.New(handler))
	client := newClient(t)
	called := make(chan error, 1)
	go func() { _, err := client.GetBalance(background); called <- err }()
	await(t, "a record", handler.holding)
	var isSet atomic.Bool
	set := make(chan struct{})
	go func() { SetLogger(nil); isSet.Store(true); close(set) }()
	eventually(t, "the logger is replaced", func() bool { return !HasLogger() })
	if isSet.Load() {
		t.Error("it did not wait")
	}
	close(handler.hold)
	await(t, "SetLogger's end", set)
	count := len(handler.records)
	if err := await(t, "the call's end", called); err != nil {
		t.Error(err)
	}
	if count != 1 || len(handler.records) != 1 {
		t.Error(count, len(handler.records))
	}
}

func TestTheCauseOfAContextIsInTheTree(t *testing.T) {
	server := answering(t, silent)
	client := server.Client(t)
	reason := errors.New("the user left")
	ctx, cancel := context.WithCancelCause(background)
	failed := make(chan error, 1)
	go func() { _, err := client.GetBalance(ctx); failed <- err }()
	awaitRequests(t, server, 1)
	cancel(reason)
	err := await(t, "the call's end", failed)
	var failure *Error
	if !errors.Is(err, reason) || !errors.Is(err, context.Canceled) || !errors.Is(err, ErrCancelled) || !errors.As(err, &failure) ||
		errors.Is(failure.Unwrap(), ErrTimeout) || Retryable(err) {
		t.Error(err)
	}
	late, cancelLate := context.WithTimeoutCause(background, 1, reason)
	defer cancelLate()
	if _, err := client.GetBalance(late); !errors.Is(err, reason) || !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrTimeout) {
		t.Error(err)
	}
}

func TestOnlyAnOlderLibraryIsRefused(t *testing.T) {
	for _, test := range []struct {
		library, header string
		older           bool
	}{
		{"0.1.0", "0.1.0", false}, {"0.1.9", "0.1.0", false}, {"0.1.0", "0.1.9", false}, {"0.2.0", "0.1.0", false},
		{"0.10.0", "0.9.0", false}, {"1.0.0", "0.9.0", false}, {"0.2.0-rc.1", "0.1.0", false},
		{"0.0.9", "0.1.0", true}, {"0.9.0", "0.10.0", true}, {"0.9.0", "1.0.0", true},
	} {
		if IsOlder(test.library, test.header) != test.older {
			t.Error(test)
		}
	}
}
