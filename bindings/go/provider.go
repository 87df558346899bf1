//go:build cgo && linux

package aicredits

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
)

// answer is the result of a credential provider: a value, or the reason why there is none.
type answer struct {
	value   string
	failed  bool
	failure string
	// The error that failure is the text of, if there is one.
	err error
}

// provideCredential asks the provider, but does not wait for it longer than the call lasts.
func (c *call) provideCredential() answer {
	ctx, cancel := context.WithDeadline(contextOfProvider(c.ctx, c.client), c.deadline)
	defer cancel()
	var given answer
	select {
	case given = <-runOnGoroutine(func() (string, error) { return c.client.provider(ctx) }):
	case <-ctx.Done():
		given = answer{failed: true, failure: ctx.Err().Error()}
	case <-c.client.closing:
		given = answer{failed: true, failure: "the client is closed"}
	}
	switch {
	case !given.failed:
	case ctx.Err() == nil:
		c.providerFailure = given.err
	case c.ctx.Err() != nil:
		// Now, so that the library reports this reason and not the missing credential.
		c.end()
	}
	return given
}

// runOnGoroutine runs a function on a new goroutine and returns the channel of its answer. If the function panics or calls
// runtime.Goexit, only that goroutine ends: the current one has frames of the library on its stack.
func runOnGoroutine(run func() (string, error)) <-chan answer {
	answers := make(chan answer, 1)
	go answerWith(run, answers)
	return answers
}

// providerFrame is the full name of answerWith. A call looks for it to find that a provider makes the call.
var providerFrame = runtime.FuncForPC(reflect.ValueOf(answerWith).Pointer()).Name()

func answerWith(run func() (string, error), answers chan<- answer) {
	given := answer{failed: true, failure: "it ended its goroutine"}
	defer func() { answers <- given }()
	defer func() {
		if panicked := recover(); panicked != nil {
			// Formatting the value may panic as well.
			defer func() { recover() }()
			given.failure = "it panicked"
			given.failure = fmt.Sprint("it panicked: ", panicked)
			given.err, _ = panicked.(error)
		}
	}()
	value, err := run()
	if err == nil {
		given = answer{value: value}
		return
	}
	// This may panic too: a nil pointer in an error interface is not a nil error.
	given.failure, given.err = err.Error(), err
}

// providerKey marks the contexts of providers: of one client, or of any client if that is nil.
type providerKey struct{ client *Client }

// contextOfProvider marks a context, so that isWithinProvider finds it.
func contextOfProvider(ctx context.Context, client *Client) context.Context {
	return context.WithValue(context.WithValue(ctx, providerKey{}, true), providerKey{client}, true)
}

// isWithinProvider reports whether a provider makes the call: with the provider's context, or on the provider's goroutine.
func isWithinProvider(ctx context.Context) bool {
	if ctx.Value(providerKey{}) != nil {
		return true
	}
	var callers [256]uintptr
	for skip := 1; ; skip += len(callers) {
		count := runtime.Callers(skip, callers[:])
		if hasProviderFrame(callers[:count]) {
			return true
		}
		if count < len(callers) {
			return false
		}
	}
}

func hasProviderFrame(callers []uintptr) bool {
	for frames := runtime.CallersFrames(callers); ; {
		frame, more := frames.Next()
		if frame.Function == providerFrame {
			return true
		}
		if !more {
			return false
		}
	}
}
