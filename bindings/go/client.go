package aicredits

// #include "native.h"
import "C"

import (
	"context"
	"fmt"
	"runtime"
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
	// It is here and not in the native client, which the collector cannot look into: it may well lead back to this one.
	supplier func(context.Context) (string, error)
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
	C.aicredits_config_set_surface(config.native, C.AICREDITS_SURFACE_GO)
	setEnvironment(config.native)
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

		supplier: config.supplier,
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
	if !c.isMade() {
		return nil, &Error{Kind: KindInvalidArgument, Message: "the client was not made by NewClient"}
	}
	if ctx == nil {
		return nil, &Error{Kind: KindInvalidArgument, Message: "ctx is nil"}
	}
	// The cleanup of a forgotten client must not come before the call is over.
	defer runtime.KeepAlive(c)
	call := newCall(c, ctx, options)
	balance, failure := call.run()
	if failure != nil {
		return nil, call.explain(failure)
	}
	return balance, nil
}

func (c *Client) isMade() bool {
	return c != nil && c.native != nil
}

// Close ends the calls that run, in every goroutine, and closes the connections. These calls and later ones fail with
// [ErrClosed]. It does not wait, and may be called again. It returns nil, so that a Client is an io.Closer.
func (c *Client) Close() error {
	if c.isMade() && c.native.close() {
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
