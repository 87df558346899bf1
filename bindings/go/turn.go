//go:build cgo && linux

package aicredits

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"
)

// threads has a place for each native call of the process that may block, because each holds a thread: a program whose
// clients together had more than 10,000 of them would be ended by Go.
var threads = make(chan struct{}, 256)

// turn is what a call holds while it runs: a place among its client's calls, and then one among those of the process.
type turn struct{ slot, thread chan struct{} }

func (t *turn) end() {
	for _, place := range []chan struct{}{t.thread, t.slot} {
		if place != nil {
			<-place
		}
	}
}

// awaitTurn waits for both places. The library would have the client's calls wait just so, but each in a thread. A call
// whose time or context ends meanwhile goes on without: the library returns at once, and says why.
func (c *call) awaitTurn() (failure *Error) {
	if c.settings.isRefused() {
		return nil
	}
	if c.turn.slot, failure = c.await(c.client.slots); c.turn.slot == nil {
		return failure
	}
	if c.turn.thread, failure = c.await(threads); failure != nil {
		c.turn.end()
	}
	return failure
}

// await takes a place as soon as there is one. It returns nil if the call goes on without, or fails.
func (c *call) await(places chan struct{}) (taken chan struct{}, failure *Error) {
	select {
	case places <- struct{}{}:
		return places, nil
	default:
	}
	if isWithinProvider(c.ctx) {
		// The call that asks the provider may hold the last place. The library itself keeps to max_concurrency.
		return nil, nil
	}
	// The library then counts from the call's beginning.
	c.waited, c.settings.isOwn = true, true
	timer := time.NewTimer(time.Until(c.begun.Add(c.allowed)))
	defer timer.Stop()
	select {
	case places <- struct{}{}:
		return places, nil
	case <-c.ctx.Done():
	case <-c.client.closing:
		return nil, c.closed()
	case <-timer.C:
		if places == threads {
			failure = c.failed(KindTimeout, fmt.Sprintf(
				"timed out after %d ms, all of it waiting for one of the %d calls that a process makes at once",
				c.allowed.Milliseconds(), cap(threads)))
			failure.IsTransient = true
		}
	}
	return nil, failure
}

type providerKey struct{}

// withinProvider is the context of a provider.
func withinProvider(ctx context.Context) context.Context {
	return context.WithValue(ctx, providerKey{}, true)
}

// isWithinProvider finds the calls that a provider makes: with its context, or on its goroutine with any other.
func isWithinProvider(ctx context.Context) bool {
	if ctx.Value(providerKey{}) != nil {
		return true
	}
	var callers [256]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers[:])])
	for {
		frame, more := frames.Next()
		if strings.HasSuffix(frame.Function, providerFrame) {
			return true
		}
		if !more {
			return false
		}
	}
}
