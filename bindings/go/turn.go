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
func (c *call) awaitTurn() *Error {
	if c.settings.isRefused() {
		return nil
	}
	where := fmt.Sprintf("as many calls as WithMaxConcurrency allows (%d) ran already", cap(c.client.slots))
	goesOn, failure := c.await(c.client.slots, &c.turn.slot, where)
	if !goesOn {
		return failure
	}
	where = fmt.Sprintf("as many calls as a process may make at once (%d) ran already", cap(threads))
	if _, failure = c.await(threads, &c.turn.thread, where); failure != nil {
		c.turn.end()
	}
	return failure
}

// await takes a place as soon as there is one. It is false if the call has no reason to wait for another.
func (c *call) await(places chan struct{}, held *chan struct{}, where string) (bool, *Error) {
	select {
	case places <- struct{}{}:
		*held = places
		return true, nil
	default:
	}
	if isWithinSupplier(c.ctx) {
		// The call that asks the supplier may hold the last place. The library itself keeps to max_concurrency.
		return false, nil
	}
	timer := time.NewTimer(time.Until(c.deadline))
	defer timer.Stop()
	select {
	case places <- struct{}{}:
		*held = places
		// It has less time than the client gives to a call.
		c.settings.isOwn = true
		return true, nil
	case <-c.ctx.Done():
		return false, nil
	case <-c.client.closing:
		return false, c.closed()
	case <-timer.C:
		return false, c.timedOut("before it began: " + where)
	}
}

type supplierKey struct{}

// withinSupplier is the context of a supplier.
func withinSupplier(ctx context.Context) context.Context {
	return context.WithValue(ctx, supplierKey{}, true)
}

// isWithinSupplier finds the calls that a supplier makes: with its context, or on its goroutine with any other.
func isWithinSupplier(ctx context.Context) bool {
	if ctx.Value(supplierKey{}) != nil {
		return true
	}
	var callers [256]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers[:])])
	for {
		frame, more := frames.Next()
		if strings.HasSuffix(frame.Function, supplierFrame) {
			return true
		}
		if !more {
			return false
		}
	}
}
