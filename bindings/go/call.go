//go:build cgo && linux

package aicredits

// #include "native_linux.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/cgo"
	"time"
)

// operation is one blocking function of the library. It gets the client, the settings of the call (nil for the client's
// own), and the handle that callbacks use to find the call (0 if there are none).
type operation[T any] func(client *C.aicredits_client, call *C.aicredits_call, handle C.uintptr_t) (T, *Error)

// call is one call of a client, from its start until it returns.
type call struct {
	client   *Client
	ctx      context.Context
	settings callSettings
	permits  permits
	start    time.Time
	// The earlier of the end of the timeout and the context's deadline.
	deadline time.Time
	// The deadline is the context's.
	hasContextDeadline bool
	// nil if the call uses the client's settings.
	native *C.aicredits_call
	// The error of the credential provider.
	providerFailure error
}

// do makes one call. Every blocking function of the library is called here, so the checks and the rules for permits,
// deadlines, cancellation and callbacks exist once.
func do[T any](client *Client, ctx context.Context, options []CallOption, run operation[T]) (result T, err error) {
	if !client.isMade() {
		return result, notMade()
	}
	if ctx == nil {
		return result, withoutContext()
	}
	// The cleanup of the client must not run during the call.
	defer runtime.KeepAlive(client)
	call := new(call)
	call.begin(client, ctx, options)
	result, failure := perform(call, run)
	if failure != nil {
		return result, call.explain(failure)
	}
	return result, nil
}

func notMade() *Error {
	return &Error{Kind: KindInvalidArgument, Message: "the client was not made by NewClient"}
}

func withoutContext() *Error {
	return &Error{Kind: KindInvalidArgument, Message: "ctx is nil"}
}

func (c *call) begin(client *Client, ctx context.Context, options []CallOption) {
	c.client, c.ctx = client, ctx
	c.settings.timeout, c.settings.scope = client.timeout, client.scope
	for _, option := range options {
		if option != nil {
			option(&c.settings)
		}
	}
	c.start = time.Now()
	// The library refuses more than a day. The limit here only keeps the sum from overflowing.
	c.deadline = c.start.Add(min(c.settings.timeout, 48*time.Hour))
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(c.deadline) {
		c.deadline, c.hasContextDeadline = deadline, true
	}
}

func perform[T any](c *call, run operation[T]) (result T, failure *Error) {
	// Before the wait, so that a client which is closed meanwhile is freed only after this call.
	if !c.client.native.acquire() {
		return result, closedClient(c.settings.scope)
	}
	defer c.client.native.release()
	c.acquirePermits()
	defer c.permits.release()
	if c.hasOwnSettings() {
		c.native = newNative(c)
		defer C.aicredits_call_free(c.native)
	}
	defer c.watchContext()()

	var handle C.uintptr_t
	if c.hasCallbacks() {
		callback := cgo.NewHandle(c)
		defer callback.Delete()
		handle = C.uintptr_t(callback)
	}
	return run(c.client.native.client, c.native, handle)
}

// hasOwnSettings reports whether anything of the call differs from the client's settings, or can end the call early.
func (c *call) hasOwnSettings() bool {
	return c.ctx.Done() != nil || c.hasContextDeadline || c.settings.isOwn || c.permits.hasWaited() || c.client.provider != nil
}

func (c *call) hasCallbacks() bool {
	return c.client.provider != nil || isLogged(c.ctx)
}

// watchContext ends the native call when the context ends. The result stops watching.
func (c *call) watchContext() (stop func()) {
	if c.ctx.Done() == nil {
		return func() {}
	}
	if c.ctx.Err() != nil {
		c.end()
		return func() {}
	}
	ended := make(chan struct{})
	stopWatching := context.AfterFunc(c.ctx, func() {
		c.end()
		close(ended)
	})
	return func() {
		// The native call is freed next, so this waits until c.end has returned.
		if !stopWatching() {
			<-ended
		}
	}
}

// end ends the native call because the context has ended, and passes the reason on.
func (c *call) end() {
	if errors.Is(c.ctx.Err(), context.DeadlineExceeded) {
		C.aicredits_call_expire(c.native)
	} else {
		C.aicredits_call_cancel(c.native)
	}
}

// explain adds to an error what the library does not know: the errors of the provider and of the context.
func (c *call) explain(e *Error) *Error {
	if e.Kind == KindUnauthorized {
		e.cause = c.providerFailure
	}
	if e.Kind == KindInvalidArgument {
		return e
	}
	if end, ok := c.contextEnd(e.Kind); ok {
		e.cause = end
		e.Message = fmt.Sprint(end, ": ", e.Message)
	}
	return e
}

// contextEnd is how the context has ended, if it has.
func (c *call) contextEnd(kind Kind) (end contextEnd, ok bool) {
	end.err = c.ctx.Err()
	if end.err == nil && c.hasContextDeadline && (kind == KindTimeout || !time.Now().Before(c.deadline)) {
		// The deadline has passed, but the context's own timer has not run yet.
		end.err = context.DeadlineExceeded
	}
	if end.err == nil {
		return end, false
	}
	// errors.Is and not ==, because a context's own error need not be comparable.
	if cause := context.Cause(c.ctx); cause != nil && !errors.Is(end.err, cause) {
		end.cause = cause
	}
	return end, true
}

// closedClient is the library's error for a call after Close, with the scope of the call.
func closedClient(scope *Scope) *Error {
	failure := &Error{Kind: KindClosed, Message: "the client is closed"}
	if scope != nil {
		// A copy: callers may write to it, and the client's is shared.
		own := *scope
		failure.Scope = &own
		failure.Message = fmt.Sprintf("%s (%v)", failure.Message, own)
	}
	return failure
}
