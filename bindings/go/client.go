package aicredits

import (
	"context"
	"runtime"
	"time"
)

// Client asks Wix what is left. Make one and use it for long, by any number of goroutines: it keeps its connections open
// between calls. [Client.Close] it in a process that goes on without it; a client that is forgotten is freed by the
// collector. It must not be copied.
type Client struct {
	_       noCopy
	native  *native
	timeout time.Duration
	scope   *Scope
	// It is here and not in the native client, which the collector cannot look into: it may well lead back to this one.
	provider func(context.Context) (string, error)
	permits  semaphore
	// Closed with the client.
	closing chan struct{}
}

// noCopy has go vet find copies.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

// GetBalance fetches the current AI credit balance.
//
// Once ctx ends, the native call is ended at once and waited for, and the error wraps ctx.Err() and context.Cause(ctx). A
// deadline of ctx is the call's own where it comes before the client's timeout: a pause that does not fit into it is not
// begun. Every error is a [*Error].
//
// A call that runs holds a thread. A client's calls beyond [WithMaxConcurrency] wait for their turn, and so do calls of all
// clients beyond 256; a goroutine that waits holds no thread. Waiting counts towards the timeout and ctx. A call that a
// credential provider makes, with the context that it was given or on its own goroutine, does not wait.
func (c *Client) GetBalance(ctx context.Context, options ...CallOption) (*Balance, error) {
	if !c.isMade() {
		return nil, &Error{Kind: KindInvalidArgument, Message: "the client was not made by NewClient"}
	}
	if ctx == nil {
		return nil, &Error{Kind: KindInvalidArgument, Message: "ctx is nil"}
	}
	// The cleanup of a forgotten client must not come before the call is over.
	defer runtime.KeepAlive(c)
	return c.getBalance(ctx, options)
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
