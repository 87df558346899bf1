//go:build cgo && linux

package aicredits

// #include "native_linux.h"
import "C"

import (
	"sync"
	"sync/atomic"
)

// waker is the number by which the library wakes a goroutine that waits for the reading of another one. It is a number and
// not an address, because the library may wake a goroutine that no longer waits.
type waker struct{ number C.uintptr_t }

var lastWaker atomic.Uintptr

// listeners has the channels of the wakers that are listened to: a number and a chan struct{}.
var listeners sync.Map

func newWaker() waker {
	return waker{C.uintptr_t(lastWaker.Add(1))}
}

// listen returns a channel that gets a value when the library wakes the number, from now on and until forget.
func (w waker) listen() <-chan struct{} {
	channel := make(chan struct{}, 1)
	listeners.Store(w.number, channel)
	return channel
}

func (w waker) forget() {
	listeners.Delete(w.number)
}

func (w waker) wake() {
	if channel, has := listeners.Load(w.number); has {
		select {
		case channel.(chan struct{}) <- struct{}{}:
		default: // It has a value already.
		}
	}
}
