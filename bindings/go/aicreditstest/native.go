//go:build cgo && linux

package aicreditstest

// #include <stdlib.h>
// #include "aicredits_emulator.h"
import "C"

import (
	"bytes"
	"strings"
	"sync"
	"unsafe"
)

// native owns the library's emulator. It is not a part of Emulator, because the cleanup of an Emulator must not refer to
// that Emulator.
type native struct {
	// A call holds the lock for reading, close for writing: the library must not free an emulator that is in use.
	lock sync.RWMutex
	// nil after close.
	emulator *C.aicredits_emulator
}

func startNative(options []byte) (*native, error) {
	settings := C.CString(string(options))
	defer C.free(unsafe.Pointer(settings))
	var emulator *C.aicredits_emulator
	var reply *C.aicredits_emulator_reply
	status := C.aicredits_emulator_start(settings, &emulator, &reply)
	defer C.aicredits_emulator_reply_free(reply)
	if status != 0 {
		return nil, errorFrom(int(status), replyJSON(reply))
	}
	return &native{emulator: emulator}, nil
}

// setting copies a setting. It is empty if there is none.
func (n *native) setting(name string) string {
	n.lock.RLock()
	defer n.lock.RUnlock()
	if n.emulator == nil {
		return ""
	}
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	var length C.size_t
	return string(borrowed(C.aicredits_emulator_setting(n.emulator, text, &length), length))
}

func (n *native) control(action string, request []byte) (status int, reply []byte) {
	if strings.Contains(action, "\x00") || bytes.IndexByte(request, 0) >= 0 {
		return refusal(400, codeInvalid, "neither an action nor a request has a NUL character")
	}
	n.lock.RLock()
	defer n.lock.RUnlock()
	if n.emulator == nil {
		return refusal(statusClosed, codeClosed, "the emulator is closed")
	}
	name, text := C.CString(action), C.CString(string(request))
	defer C.free(unsafe.Pointer(name))
	defer C.free(unsafe.Pointer(text))
	var answer *C.aicredits_emulator_reply
	status = int(C.aicredits_emulator_control(n.emulator, name, text, &answer))
	defer C.aicredits_emulator_reply_free(answer)
	return status, replyJSON(answer)
}

// verdict returns the number of findings and their text. The number is -1 if the request is wrong, and the text says why.
func (n *native) verdict(request []byte) (findings int, text string) {
	n.lock.RLock()
	defer n.lock.RUnlock()
	if n.emulator == nil {
		return -1, "the emulator is closed"
	}
	query := C.CString(string(request))
	defer C.free(unsafe.Pointer(query))
	var answer *C.aicredits_emulator_reply
	findings = int(C.aicredits_emulator_verdict(n.emulator, query, &answer))
	defer C.aicredits_emulator_reply_free(answer)
	root := C.CString("")
	defer C.free(unsafe.Pointer(root))
	var length C.size_t
	if said := C.aicredits_emulator_reply_text(answer, root, &length); said != nil {
		return findings, string(borrowed(said, length))
	}
	return findings, string(replyJSON(answer))
}

// close stops the server, joins its threads and frees it. It waits for calls in flight.
func (n *native) close() {
	n.lock.Lock()
	defer n.lock.Unlock()
	C.aicredits_emulator_free(n.emulator)
	n.emulator = nil
}

func replyJSON(reply *C.aicredits_emulator_reply) []byte {
	var length C.size_t
	return bytes.Clone(borrowed(C.aicredits_emulator_reply_json(reply, &length), length))
}

// borrowed is text of the library.
func borrowed(text *C.char, length C.size_t) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(text)), length)
}
