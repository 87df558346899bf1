//go:build cgo && linux

package aicredits

// #include "native_linux.h"
import "C"

import (
	"context"
	"sync"
	"sync/atomic"
	"weak"
)

// The threads of a fleet ask the provider of a client without a call of Go. They find the client by a number.
var (
	lastProvider atomic.Uintptr
	// A number and a weak.Pointer[Client]: a client that is not used any more must be collected.
	providers sync.Map
)

// fleets is how many fleets of a client run, and the context that ends with the last of them.
type fleets struct {
	mutex   sync.Mutex
	running int
	ctx     context.Context
	cancel  context.CancelFunc
}

func (f *fleets) enter() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.running++; f.running == 1 {
		f.ctx, f.cancel = context.WithCancel(context.Background())
	}
}

func (f *fleets) leave() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.running--; f.running == 0 {
		f.cancel()
	}
}

func (f *fleets) context() context.Context {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.ctx
}

// provideForFleet asks the provider of the client with this number. It waits at most for the timeout of the client.
func provideForFleet(number C.uintptr_t) answer {
	found, _ := providers.Load(number)
	pointer, _ := found.(weak.Pointer[Client])
	client := pointer.Value()
	if client == nil {
		return answer{failed: true, failure: "the client was freed"}
	}
	ctx, cancel := context.WithTimeout(contextOfProvider(client.fleets.context(), client), client.timeout)
	defer cancel()
	select {
	case given := <-runOnGoroutine(func() (string, error) { return client.provider(ctx) }):
		return given
	case <-ctx.Done():
		return answer{failed: true, failure: ctx.Err().Error()}
	case <-client.closing:
		return answer{failed: true, failure: "the client is closed"}
	}
}
