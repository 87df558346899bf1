//go:build cgo && linux

package aicredits_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	. "aicredits.example/aicredits"
	"aicredits.example/aicredits/aicreditstest"
)

func TestAnEndedContextEndsTheCallInEachPhase(t *testing.T) {
	newClient(t).GetBalance(background)
	backlogFull(t).close() // The first listener brings descriptors that the runtime keeps.
	held := func() [2]int { return [2]int{entries(t, "/proc/self/fd"), runtime.NumGoroutine()} }
	before := held()
	full := backlogFull(t)
	t.Run("phases", func(t *testing.T) {
		pause := unavailable
		pause.RetryAfter = aicreditstest.Ptr(5 * time.Second)
		paused := answering(t, pause)
		for name, reply := range map[string]string{
			"connecting": "",
			"head":       "HTTP/1.1 ",
			"body":       "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{",
			"pause":      "",
		} {
			for _, mode := range []string{"cancel", "deadline"} {
				t.Run(name+"-"+mode, func(t *testing.T) {
					var inFlight, ended func()
					url := full.url
					switch name {
					case "head", "body":
						server := serve(t, func(int) string { return reply })
						url = server.url
						inFlight, ended = func() { await(t, "the request", server.requests) }, func() { await(t, "the connection's end", server.ended) }
					case "pause":
						url = paused.URL()
						before := requests(t, paused)
						inFlight = func() { awaitRequests(t, paused, before+1) }
						ended = func() { eventually(t, "the connection's end", func() bool { return connections(t, url) == 0 }) }
					}
					client := newClient(t, WithBaseURL(url))
					ctx, cancel := context.WithCancel(background)
					want := context.Canceled
					if mode == "deadline" {
						ctx, cancel = context.WithTimeout(background, 100*time.Millisecond)
						want = context.DeadlineExceeded
					}
					defer cancel()
					failed := make(chan error, 1)
					go func() {
						_, err := client.GetBalance(ctx)
						failed <- err
					}()
					if inFlight != nil {
						inFlight()
					}
					if mode == "cancel" {
						cancel()
					}
					err := await(t, "the call's end", failed)
					if name == "pause" && mode == "deadline" {
						// The pause does not fit, so it is not begun, and the server's advice is told.
						var failure *Error
						if !errors.Is(err, ErrServer) || !errors.As(err, &failure) || *failure.RetryAfter != 5*time.Second || !failure.IsTransient {
							t.Error(err)
						}
					} else if !errors.Is(err, want) || errors.Is(err, ErrCancelled) != (mode == "cancel") ||
						errors.Is(err, ErrTimeout) != (mode == "deadline") || !strings.HasPrefix(err.Error(), want.Error()) {
						t.Error(err)
					}
					client.Close()
					if ended != nil {
						ended()
					}
				})
			}
		}
	})
	full.close()
	eventually(t, "descriptors and goroutines are as before", func() bool {
		now := held()
		return now[0] <= before[0] && now[1] <= before[1]
	})

	ended, cancel := context.WithCancel(background)
	cancel()
	server := aicreditstest.New(t)
	client := server.Client(t)
	_, err := client.GetBalance(ended)
	var failure *Error
	if !errors.Is(err, context.Canceled) || requests(t, server) != 0 || !errors.As(err, &failure) || failure.Scope == nil {
		t.Error(err)
	}
	client.Close()
	if _, err = client.GetBalance(ended); !errors.Is(err, context.Canceled) || !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

// The context and the call have the same deadline.
func TestTheContextsDeadlineIsReportedIfBothAreEqual(t *testing.T) {
	client := answering(t, silent).Client(t)
	for range 20 {
		ctx, cancel := context.WithTimeout(background, 10*time.Millisecond)
		_, err := client.GetBalance(ctx, WithCallTimeout(10*time.Millisecond))
		if ended := ctx.Err(); ended != nil && !errors.Is(err, ended) || !errors.Is(err, ErrTimeout) {
			t.Error(ended, err)
		}
		cancel()
	}
}

// The library gets the deadline in nanoseconds, but shows milliseconds.
func TestAContextsDeadlineIsReportedInMilliseconds(t *testing.T) {
	server := answering(t, silent)
	ctx, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	_, err := server.Client(t).GetBalance(ctx)
	if !errors.Is(err, ErrTimeout) || !strings.Contains(err.Error(), " within 50 ms; time ran out while the reply was awaited") {
		t.Error(err)
	}
}

func TestADeadlineThatHasPassedSendsNothing(t *testing.T) {
	server := aicreditstest.New(t)
	client := server.Client(t)
	for _, past := range []time.Time{time.Now(), time.Unix(0, 0), {}} {
		ctx, cancel := context.WithDeadline(background, past)
		_, err := client.GetBalance(ctx)
		cancel()
		if !errors.Is(err, ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "the deadline had passed before the call started") {
			t.Error(err)
		}
	}
	if sent := requests(t, server); sent != 0 {
		t.Error(sent)
	}
}

// odd is a context with its own error.
type odd struct{ context.Context }

func (o odd) Err() error {
	if err := o.Context.Err(); err != nil {
		return fmt.Errorf("my own: %w", err)
	}
	return nil
}

func TestAContextMayHaveItsOwnError(t *testing.T) {
	client := answering(t, silent).Client(t)
	ctx, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	if _, err := client.GetBalance(odd{ctx}); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrTimeout) {
		t.Error(err)
	}
}

// early ends before its deadline.
type early struct{ context.Context }

func (early) Deadline() (time.Time, bool) { return time.Now().Add(patience), true }

func TestAContextMayEndBeforeItsDeadline(t *testing.T) {
	server := answering(t, silent)
	ctx, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, err := server.Client(t).GetBalance(early{ctx})
	if !errors.Is(err, ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) > patience/2 {
		t.Error(err)
	}
}

func TestCancellingOneCallDoesNotAffectOthers(t *testing.T) {
	server := aicreditstest.New(t, aicreditstest.WithFault(aicreditstest.Fault{Reply: &silent}))
	client := server.Client(t)
	ctx, cancel := context.WithCancel(background)
	failed := make(chan error, 1)
	go func() { _, err := client.GetBalance(ctx); failed <- err }()
	awaitRequests(t, server, 1)
	if _, err := client.GetBalance(background); err != nil {
		t.Error(err)
	}
	cancel()
	if err := await(t, "the call's end", failed); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := client.GetBalance(background); err != nil {
		t.Error(err)
	}
}

func TestCloseEndsCallsInFlightAndInTheQueue(t *testing.T) {
	server := answering(t, silent)
	client := server.Client(t, WithMaxConcurrency(1))
	failed := make(chan error, 3)
	for range 3 {
		go func() { _, err := client.GetBalance(background, ForSite("s")); failed <- err }()
	}
	awaitRequests(t, server, 1)
	client.Close()
	client.Close()
	texts := map[string]bool{}
	for range 3 {
		err := await(t, "the call's end", failed)
		if !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
		texts[err.Error()] = true
	}
	_, err := client.GetBalance(background, ForSite("s"))
	// The native client is freed by now. Its error and Go's have the same text.
	if texts[err.Error()] = true; len(texts) != 1 {
		t.Error(texts)
	}
	var failure *Error
	if !errors.As(err, &failure) || failure.Kind != KindClosed || failure.Scope.SiteID != "s" || !strings.Contains(err.Error(), "(site s)") {
		t.Error(err)
	}
}

func TestTheQueueHonoursTimeoutsAndContexts(t *testing.T) {
	server := answering(t, silent)
	client := server.Client(t, WithMaxConcurrency(1))
	go client.GetBalance(background)
	awaitRequests(t, server, 1)
	var failure *Error
	_, err := client.GetBalance(background, WithCallTimeout(50*time.Millisecond))
	if !errors.Is(err, ErrTimeout) || !errors.As(err, &failure) || failure.Scope.AccountID != os.Getenv("WIX_ACCOUNT_ID") ||
		!strings.Contains(err.Error(), "timed out after 50 ms, all of it waiting for one of 1 places (WithMaxConcurrency)") || !strings.Contains(err.Error(), failure.Scope.AccountID) {
		t.Error(err)
	}
	// A call that the library refuses does not wait.
	for _, option := range []CallOption{WithCallTimeout(0), WithCallTimeout(-1), WithCallTimeout(25 * time.Hour), ForSite(""), ForAccountAndSite("a", "")} {
		if _, err := client.GetBalance(background, option); !errors.Is(err, ErrInvalidArgument) {
			t.Error(err)
		}
	}
	ctx, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	_, err = client.GetBalance(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrTimeout) || !strings.Contains(err.Error(), "all of it waiting for one of 1 places") {
		t.Error(err)
	}
	if requests(t, server) != 1 {
		t.Error("what waits sends nothing")
	}
}

// The error reports both the reply's status and the end of the context.
func TestADeadlineDuringAnErrorsBodyIsReported(t *testing.T) {
	server := serve(t, func(int) string { return "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 100\r\n\r\n{" })
	client := newClient(t, WithBaseURL(server.url), WithMaxRetries(0))
	for range 10 {
		ctx, cancel := context.WithTimeout(background, 20*time.Millisecond)
		_, err := client.GetBalance(ctx)
		cancel()
		if !errors.Is(err, ErrServer) || !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	}
}
