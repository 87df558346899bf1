package aicredits

// #include "native.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/cgo"
	"strings"
	"sync"
	"time"
)

// Client asks Wix what is left. Made once and used for long, by any number of goroutines: it keeps its connections open
// between calls. In a process that has no more use for it, [Client.Close] it; one that is forgotten is freed with it. It
// must not be copied.
type Client struct {
	_       noCopy
	native  *native
	timeout time.Duration
	scope   *Scope
	// Its supplier gets each call's context.
	hasSupplier bool
	// Each call that runs holds a place in it.
	slots chan struct{}
	// Closed with the client.
	closing chan struct{}
}

// noCopy has go vet find copies.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

// native is the library's client, freed once nobody uses it. It is apart from Client, so that the cleanup of a forgotten
// Client does not keep it alive.
type native struct {
	lock    sync.Mutex
	client  *C.aicredits_client // nil once freed
	calls   int
	closing bool
}

// NewClient checks the settings and makes a client. It opens no connection.
//
// Its error is [ErrInvalidArgument] and names the first setting that is wrong or missing. A key, or another credential,
// and a scope are needed.
func NewClient(options ...Option) (*Client, error) {
	if err := checkVersion(); err != nil {
		return nil, err
	}
	config := config{native: C.aicredits_config_new()}
	defer C.aicredits_config_free(config.native)
	for _, option := range options {
		if option != nil {
			option(&config)
		}
	}
	var client *C.aicredits_client
	var failure *C.aicredits_error
	if C.aicredits_client_new(config.native, &client, &failure) != C.AICREDITS_STATUS_OK {
		err := newError(failure)
		C.aicredits_error_free(failure)
		return nil, err
	}
	made := &Client{
		native:  &native{client: client},
		timeout: time.Duration(C.aicredits_client_timeout_ms(client)) * time.Millisecond,
		scope:   newScope(C.aicredits_client_scope(client)),
		slots:   make(chan struct{}, int(C.aicredits_client_max_concurrency(client))),
		closing: make(chan struct{}),

		hasSupplier: config.hasSupplier,
	}
	runtime.AddCleanup(made, func(native *native) { native.close() }, made.native)
	return made, nil
}

// checkVersion refuses a library whose structs may have another layout than those that this package was compiled with.
func checkVersion() error {
	minor := func(version string) string { return version[:strings.LastIndexByte(version, '.')] }
	header, library := C.AICREDITS_VERSION, C.GoString(C.aicredits_version())
	if minor(header) == minor(library) {
		return nil
	}
	return &Error{Kind: KindInvalidArgument, Message: fmt.Sprintf(
		"this package is for libaicredits %s, and finds %s: install both from one version", header, library)}
}

// GetBalance fetches the current AI credit balance.
//
// Once ctx ends, the native call is ended at once and waited for, and the error wraps ctx.Err(). A deadline of ctx is
// the call's own where it comes before the client's timeout: a pause that does not fit into it is not begun. Every error
// is a [*Error]. Waiting for a place among the calls that run counts towards both.
func (c *Client) GetBalance(ctx context.Context, options ...CallOption) (*Balance, error) {
	// The cleanup of a forgotten client must not come before the call is over.
	defer runtime.KeepAlive(c)
	settings := callSettings{timeout: c.timeout, scope: c.scope}
	for _, option := range options {
		if option != nil {
			option(&settings)
		}
	}
	deadline, isContexts := settings.deadline(ctx)
	release, failure := c.takeSlot(ctx, &settings, deadline)
	if failure != nil {
		return nil, failure.of(ctx, isContexts)
	}
	defer release()
	if !c.native.enter() {
		return nil, closedError(settings.scope).of(ctx, isContexts)
	}
	defer c.native.leave()

	var call *C.aicredits_call
	if ctx.Done() != nil || settings.isOwn {
		call = settings.native(deadline)
		defer C.aicredits_call_free(call)
	}
	if ctx.Err() != nil {
		C.aicredits_call_cancel(call)
	} else if ctx.Done() != nil {
		cancelled := make(chan struct{})
		stop := context.AfterFunc(ctx, func() {
			C.aicredits_call_cancel(call)
			close(cancelled)
		})
		defer func() {
			// Before the call is freed, whoever cancels it must have let go of it.
			if !stop() {
				<-cancelled
			}
		}()
	}

	balance, failure := c.ask(ctx, call, deadline)
	if failure != nil {
		return nil, failure.of(ctx, isContexts)
	}
	return balance, nil
}

// ask makes the call. What a supplier of credentials gets of it is a context that ends with it.
func (c *Client) ask(ctx context.Context, call *C.aicredits_call, deadline time.Time) (*Balance, *Error) {
	var lent C.uintptr_t
	if c.hasSupplier {
		ctx, cancel := context.WithDeadline(ctx, deadline)
		defer cancel()
		handle := cgo.NewHandle(ctx)
		defer handle.Delete()
		lent = C.uintptr_t(handle)
	}
	var reading C.go_reading
	C.go_get_balance(c.native.client, call, lent, &reading)
	return taken(&reading)
}

// takeSlot waits for a place among the calls that run, and gives what leaves it. The native client would have them wait
// just so, each in a thread.
func (c *Client) takeSlot(ctx context.Context, settings *callSettings, deadline time.Time) (release func(), failure *Error) {
	if settings.isRefused() {
		return func() {}, nil
	}
	select {
	case c.slots <- struct{}{}:
		return c.leaveSlot, nil
	default:
	}
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	select {
	case c.slots <- struct{}{}:
		// It has less time than the client gives to a call.
		settings.isOwn = true
		return c.leaveSlot, nil
	case <-ctx.Done():
		// The library, which needs no place for that, says what became of it.
		return func() {}, nil
	case <-c.closing:
		return nil, closedError(settings.scope)
	case <-timer.C:
		return nil, &Error{Kind: KindTimeout, Scope: settings.scope, Message: fmt.Sprintf(
			"no reply within %v; time ran out before it began: as many calls as max_concurrency allows (%d) ran already (%v)",
			settings.timeout, cap(c.slots), settings.scope)}
	}
}

func (c *Client) leaveSlot() {
	<-c.slots
}

// Close ends the calls that run, in every goroutine, and closes the connections. These calls and later ones fail with
// [ErrClosed]. It does not wait, and may be called again. It returns nil, so that a Client is an io.Closer.
func (c *Client) Close() error {
	if c.native.close() {
		close(c.closing)
	}
	runtime.KeepAlive(c)
	return nil
}

// enter is refused once the native client is freed.
func (n *native) enter() bool {
	n.lock.Lock()
	defer n.lock.Unlock()
	if n.client == nil {
		return false
	}
	n.calls++
	return true
}

func (n *native) leave() {
	n.lock.Lock()
	defer n.lock.Unlock()
	n.calls--
	n.freeIfIdle()
}

// close tells whether it was the first.
func (n *native) close() bool {
	n.lock.Lock()
	defer n.lock.Unlock()
	if n.closing {
		return false
	}
	n.closing = true
	C.aicredits_client_close(n.client)
	n.freeIfIdle()
	return true
}

// freeIfIdle frees a closed client with its last call.
func (n *native) freeIfIdle() {
	if n.closing && n.calls == 0 {
		C.aicredits_client_free(n.client)
		n.client = nil
	}
}

func closedError(scope *Scope) *Error {
	return &Error{Kind: KindClosed, Scope: scope, Message: fmt.Sprintf("the client is closed (%v)", scope)}
}

// of has the error of a call wrap what its context says, where that ended the call. isContexts tells that the call's
// deadline was the context's.
func (e *Error) of(ctx context.Context, isContexts bool) *Error {
	ended := ctx.Err()
	if ended == nil && isContexts {
		// Their clocks may differ by a moment.
		ended = context.DeadlineExceeded
	}
	switch {
	case ended == nil:
		return e
	case e.Kind == KindCancelled || e.Kind == KindClosed:
		if ctx.Err() == nil {
			return e
		}
	case e.Kind != KindTimeout:
		return e
	}
	e.context = ended
	e.Message = fmt.Sprint(ended, ": ", e.Message)
	if e.Kind == KindCancelled && errors.Is(ended, context.DeadlineExceeded) {
		e.Kind = KindTimeout
	}
	return e
}
