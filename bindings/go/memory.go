//go:build cgo && linux

package aicredits

// #include "native_linux.h"
import "C"

import (
	"runtime"
	"sync/atomic"
)

// nativeBytesPerReplyByte is an estimate of the memory that the library uses for each byte of a reply.
const nativeBytesPerReplyByte = 3

// leastPressure is the smallest amount of new native memory for which the garbage collector is started.
const leastPressure = 64 << 20

// held is the native memory of all balances. taken is the native memory that was added since the last started collection.
var held, taken atomic.Int64

// owned is a native balance that a cleanup frees.
type owned struct {
	balance *C.aicredits_balance
	bytes   int64
}

// account starts the garbage collector after much native memory was added. The collector itself sees only a few hundred
// bytes per balance. Without this it would run only when gigabytes of native memory are in use.
func (o owned) account() {
	all, since := held.Add(o.bytes), taken.Add(o.bytes)
	if since >= max(leastPressure, all/2) && taken.CompareAndSwap(since, 0) {
		runtime.GC()
	}
}

func freeOwned(o owned) {
	C.aicredits_balance_free(o.balance)
	held.Add(-o.bytes)
}
