//go:build cgo && linux

package aicredits_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	. "aicredits.example/aicredits"
)

func TestTheErrorOfAProviderIsReported(t *testing.T) {
	key := os.Getenv("WIX_API_KEY")
	for message, provider := range map[string]func(context.Context) (string, error){
		"":                       func(context.Context) (string, error) { return key, nil },
		"the vault is shut":      func(context.Context) (string, error) { return "", errors.New("the vault is shut") },
		"it panicked: no vault":  func(context.Context) (string, error) { panic("no vault") },
		"it ended its goroutine": func(context.Context) (string, error) { runtime.Goexit(); return "", nil },
		"character":              func(context.Context) (string, error) { return "two\x00parts", nil },
		"it panicked: runtime":   func(context.Context) (string, error) { var none *os.PathError; return "", none },
		"it ended its":           func(context.Context) (string, error) { return "", lasting{} },
		"failed:  (":             func(context.Context) (string, error) { return "", errors.New("") },
	} {
		client := newClient(t, WithCredentialProvider(provider), WithMaxConcurrency(1))
		for range 3 {
			_, err := client.GetBalance(background)
			if message == "" && err == nil {
				continue
			}
			if !errors.Is(err, ErrUnauthorized) || !strings.Contains(err.Error(), message) {
				t.Error(message, err)
			}
		}
	}
}

type lasting struct{}

func (lasting) Error() string { runtime.Goexit(); return "" }

func TestTheErrorOfAProviderIsWrapped(t *testing.T) {
	failure := fmt.Errorf("the vault: %w", io.ErrUnexpectedEOF)
	client := newClient(t, WithCredentialProvider(func(context.Context) (string, error) { return "", failure }))
	_, err := client.GetBalance(background)
	if !errors.Is(err, ErrUnauthorized) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

func TestThePanicOfAProviderIsWrapped(t *testing.T) {
	for _, panics := range []any{io.ErrUnexpectedEOF, lasting{}} {
		client := newClient(t, WithCredentialProvider(func(context.Context) (string, error) { panic(panics) }))
		_, err := client.GetBalance(background)
		if !errors.Is(err, ErrUnauthorized) || panics == io.ErrUnexpectedEOF && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Error(err)
		}
	}
}

// The 401 says more than the timeout of the provider.
func TestA401IsReportedIfTheProviderThenTimesOut(t *testing.T) {
	client := newClient(t, WithCredentialProvider(func(ctx context.Context) (string, error) {
		if ctx.Value(key{}).(*atomic.Int32).Add(1) == 1 {
			return "IST.not-a-key-of-the-emulator", nil
		}
		<-ctx.Done()
		return "", ctx.Err()
	}))
	for range 10 {
		asked := context.WithValue(background, key{}, new(atomic.Int32))
		ctx, cancel := context.WithTimeout(asked, 500500*time.Microsecond)
		_, err := client.GetBalance(ctx)
		cancel()
		var failure *Error
		if !errors.As(err, &failure) || failure.HTTPStatus != 401 || !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	}
}

type key struct{}

// A provider gets a context of the call. The call ends in time even if the provider ignores it.
func TestACallDoesNotWaitForItsProviderAfterItsDeadline(t *testing.T) {
	gate, values := make(chan struct{}), make(chan any, 2)
	defer close(gate)
	client := newClient(t, WithCredentialProvider(func(ctx context.Context) (string, error) {
		values <- ctx.Value(key{})
		<-gate
		return "late", nil
	}))
	ctx, cancel := context.WithTimeout(context.WithValue(background, key{}, "the call's"), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, err := client.GetBalance(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrTimeout) || time.Since(begun) > patience/2 {
		t.Error(err)
	}
	_, err = client.GetBalance(background, WithCallTimeout(50*time.Millisecond))
	if !errors.Is(err, ErrTimeout) || errors.Is(err, context.DeadlineExceeded) || time.Since(begun) > patience/2 {
		t.Error(err)
	}
	if first, second := <-values, <-values; first != "the call's" || second != nil {
		t.Error(first, second)
	}
}

// The call must not report the error of a provider whose context has ended.
func TestTheReasonForTheEndDuringAProviderIsReported(t *testing.T) {
	asked := make(chan struct{}, 1)
	heeding := WithCredentialProvider(func(ctx context.Context) (string, error) {
		asked <- struct{}{}
		<-ctx.Done()
		return "", ctx.Err()
	})
	for name, test := range map[string]struct {
		kind    error
		context error
		within  time.Duration
		end     func(*Client, context.CancelFunc)
	}{
		"cancelled": {ErrCancelled, context.Canceled, time.Hour, func(_ *Client, cancel context.CancelFunc) { cancel() }},
		"closed":    {ErrClosed, nil, time.Hour, func(client *Client, _ context.CancelFunc) { client.Close() }},
		"in time":   {ErrTimeout, nil, 500 * time.Millisecond, func(*Client, context.CancelFunc) {}},
	} {
		for range 5 {
			client := newClient(t, heeding)
			ctx, cancel := context.WithCancel(background)
			defer cancel()
			failed := make(chan error, 1)
			go func() {
				_, err := client.GetBalance(ctx, WithCallTimeout(test.within))
				failed <- err
			}()
			await(t, "the provider", asked)
			test.end(client, cancel)
			err := await(t, "the call's end", failed)
			if !errors.Is(err, test.kind) || !errors.Is(err, cmp.Or(test.context, test.kind)) || errors.Is(err, ErrUnauthorized) {
				t.Error(name, err)
			}
		}
	}
	for range 5 {
		// Long enough to ask the provider, also on a busy machine.
		ctx, cancel := context.WithTimeout(background, 500*time.Millisecond)
		_, err := newClient(t, heeding).GetBalance(ctx)
		cancel()
		await(t, "the provider", asked)
		if !errors.Is(err, ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	}
}

// slow takes a moment to answer, as a busy machine may.
type slow struct{ context.Context }

func (slow) Deadline() (time.Time, bool) { time.Sleep(5 * time.Millisecond); return time.Time{}, false }

func TestACallWithAProviderThatDidNotWaitNamesNoQueue(t *testing.T) {
	provider := func(context.Context) (string, error) { return "token", nil }
	client := answering(t, silent).Client(t, WithCredentialProvider(provider))
	_, err := client.GetBalance(slow{background}, WithCallTimeout(100*time.Millisecond))
	if !errors.Is(err, ErrTimeout) || !strings.Contains(err.Error(), "no whole reply from") || strings.Contains(err.Error(), "waiting for one of") {
		t.Error(err)
	}
	if _, err = client.GetBalance(background, WithCallTimeout(25*time.Hour)); !errors.Is(err, ErrInvalidArgument) {
		t.Error(err)
	}
}
