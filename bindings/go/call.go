//go:build cgo && linux

package aicredits

// #include "native_linux.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"runtime/cgo"
	"time"
)

// call is one call of a client.
type call struct {
	client   *Client
	ctx      context.Context
	settings callSettings
	turn     turn
	begun    time.Time
	// The time that it has, waiting for its turn included, and when that is over.
	allowed  time.Duration
	deadline time.Time
	// It waited for its turn.
	waited bool
	// The deadline is its context's rather than its own.
	isContexts bool
	// nil where nothing of it is its own.
	native *C.aicredits_call
	// What its provider failed with.
	providerFailure error
	// The provider was not done when the call's time was up.
	providerIsLate bool
}

func newCall(client *Client, ctx context.Context, options []CallOption) *call {
	c := &call{client: client, ctx: ctx, settings: callSettings{timeout: client.timeout, scope: client.scope}}
	for _, option := range options {
		if option != nil {
			option(&c.settings)
		}
	}
	c.begun = time.Now()
	// No library waits longer, and so long a time can be added to any.
	c.deadline = c.begun.Add(min(c.settings.timeout, 48*time.Hour))
	if ends, has := ctx.Deadline(); has && ends.Before(c.deadline) {
		c.deadline, c.isContexts, c.settings.isOwn = ends, true, true
	}
	// The library counts in milliseconds: its deadline is at most one later than the context's.
	c.allowed = max(1, (c.deadline.Sub(c.begun)+time.Millisecond-1)/time.Millisecond) * time.Millisecond
	return c
}

func (c *call) run() (*Balance, *Error) {
	if failure := c.awaitTurn(); failure != nil {
		return nil, failure
	}
	defer c.turn.end()
	if !c.client.native.enter() {
		return nil, c.closed()
	}
	defer c.client.native.leave()
	if c.ctx.Done() != nil || c.settings.isOwn {
		c.native = c.settings.native(c.allowed)
		if c.waited {
			C.aicredits_go_call_set_waited(c.native, C.int64_t(time.Since(c.begun)))
		}
		defer C.aicredits_call_free(c.native)
	}
	defer c.watch()()

	// What calls back needs the call: a provider, and records.
	var handle C.uintptr_t
	if c.client.provider != nil || isLogged(c.ctx) {
		made := cgo.NewHandle(c)
		defer made.Delete()
		handle = C.uintptr_t(made)
	}
	var reading C.aicredits_go_reading
	C.aicredits_go_get_balance(c.client.native.client, c.native, handle, &reading)
	return resultFromC(&reading)
}

// watch has the end of the context end the native call, and gives what ends that.
func (c *call) watch() (stop func()) {
	if c.ctx.Done() == nil {
		return func() {}
	}
	if c.ctx.Err() != nil {
		C.aicredits_call_cancel(c.native)
		return func() {}
	}
	cancelled := make(chan struct{})
	wasInTime := context.AfterFunc(c.ctx, func() {
		c.end()
		close(cancelled)
	})
	return func() {
		// The call is freed next, so that cancelling it must be over.
		if !wasInTime() {
			<-cancelled
		}
	}
}

// end ends the native call because the context has ended. One whose own deadline is over ends by that, and tells how
// far it came.
func (c *call) end() {
	if !c.isOver() || !errors.Is(c.ctx.Err(), context.DeadlineExceeded) {
		C.aicredits_call_cancel(c.native)
	}
}

// isOver tells whether the context's deadline, which is the call's, has come: its clock and the library's may differ by a
// moment.
func (c *call) isOver() bool {
	return c.isContexts && !time.Now().Before(c.deadline)
}

// provideCredential asks the provider, which may go on after its context has ended with the call.
func (c *call) provideCredential() answer {
	ctx, cancel := context.WithDeadline(withinProvider(c.ctx), c.deadline)
	defer cancel()
	var given answer
	select {
	case given = <-on(func() (string, error) { return c.client.provider(ctx) }):
	case <-ctx.Done():
		given = answer{failed: true, failure: ctx.Err().Error()}
	case <-c.client.closing:
		given = answer{failed: true, failure: "the client is closed"}
	}
	switch {
	case !given.failed:
	case ctx.Err() == nil:
		c.providerFailure = given.err
	default:
		c.providerIsLate = true
		if c.ctx.Err() != nil {
			// Before the library, with no credential, looks for why the call has ended.
			c.end()
		}
	}
	return given
}

// explain adds what the library could not know: of the context, and of the provider.
func (c *call) explain(e *Error) *Error {
	if e.Kind == KindUnauthorized {
		e.cause = c.providerFailure
		if c.providerIsLate && e.HTTPStatus == 0 {
			// For the library there may have been a part of a millisecond left.
			e.Kind, e.IsTransient = KindTimeout, true
			e.Message = c.shown(fmt.Sprintf("timed out after %d ms; time ran out while the credential was asked for", c.allowed.Milliseconds()))
		}
	}
	ended := c.ctx.Err()
	if ended == nil && (c.isOver() || c.isContexts && e.Kind == KindTimeout) {
		ended = context.DeadlineExceeded
	}
	if ended == nil || e.Kind == KindInvalidArgument {
		return e
	}
	end := contextEnd{err: ended}
	// Contexts are compared as errors.Is does: a context's own error need not be comparable.
	if cause := context.Cause(c.ctx); cause != nil && !errors.Is(ended, cause) {
		end.cause = cause
	}
	e.cause = end
	e.Message = fmt.Sprint(end, ": ", e.Message)
	if e.Kind == KindCancelled && errors.Is(ended, context.DeadlineExceeded) {
		e.Kind = KindTimeout
	}
	return e
}

func (c *call) closed() *Error {
	return c.failed(KindClosed, "the client is closed")
}

func (c *call) failed(kind Kind, what string) *Error {
	failure := &Error{Kind: kind, Message: c.shown(what)}
	if c.settings.scope != nil {
		// A copy: callers may write to it, and the client's is shared.
		scope := *c.settings.scope
		failure.Scope = &scope
	}
	return failure
}

// shown adds the scope to a message.
func (c *call) shown(what string) string {
	if c.settings.scope == nil {
		return what
	}
	return fmt.Sprintf("%s (%v)", what, *c.settings.scope)
}
