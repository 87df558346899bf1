//go:build cgo && linux

package aicredits

// #include "native_linux.h"
import "C"

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"
	"weak"
)

// native owns the library's client, and frees it after Close and the last call. It is not a part of Client, because the
// cleanup of a Client must not refer to that Client.
type native struct {
	lifetime
	client *C.aicredits_client
}

// NewClient checks the settings and makes a client. It opens no connection.
//
// A credential (such as a key) and a scope are required. The error is [ErrInvalidArgument] and names the first setting that
// is wrong or missing.
func NewClient(options ...Option) (*Client, error) {
	if library := C.GoString(C.aicredits_version()); isOlder(library, C.AICREDITS_VERSION) {
		return nil, &Error{Kind: KindInvalidArgument, Message: fmt.Sprintf(
			"this package needs libaicredits %s or later, and finds %s: install both from one version", C.AICREDITS_VERSION, library)}
	}
	settings := nativeSettings{C.aicredits_config_new(), C.uintptr_t(lastProvider.Add(1))}
	defer C.aicredits_config_free(settings.config)
	C.aicredits_config_set_surface(settings.config, C.AICREDITS_SURFACE_GO)
	settings.setEnvironment()
	config := config{settings: settings}
	for _, option := range options {
		if option != nil {
			option(&config)
		}
	}
	var client *C.aicredits_client
	var failure *C.aicredits_error
	if C.aicredits_client_new(settings.config, &client, &failure) != C.AICREDITS_STATUS_OK {
		return nil, errorFromC(failure)
	}
	made := &Client{
		native:  &native{client: client},
		timeout: time.Duration(C.aicredits_client_timeout_ms(client)) * time.Millisecond,
		scope:   newScope(C.aicredits_client_scope(client)),
		permits: make(semaphore, int(C.aicredits_client_max_concurrency(client))),
		closing: make(chan struct{}),

		provider: config.provider,
	}
	runtime.AddCleanup(made, func(native *native) { native.close() }, made.native)
	if made.provider != nil {
		providers.Store(settings.provider, weak.Make(made))
		runtime.AddCleanup(made, func(number C.uintptr_t) { providers.Delete(number) }, settings.provider)
	}
	return made, nil
}

// isOlder compares the major and minor numbers of two versions. A later library with the same SONAME has all functions of an
// earlier one.
func isOlder(library, header string) bool {
	one, two := strings.Split(library, "."), strings.Split(header, ".")
	for i := range 2 {
		a, _ := strconv.Atoi(one[i])
		b, _ := strconv.Atoi(two[i])
		if a != b {
			return a < b
		}
	}
	return false
}

// release ends a use, and frees the native client if it is closed and no call is in flight.
func (n *native) release() {
	if n.lifetime.release() {
		C.aicredits_client_free(n.client)
	}
}

// close closes the native client, and reports whether this was the first time.
func (n *native) close() bool {
	if !n.acquire() {
		return false
	}
	defer n.release()
	if !n.lifetime.close() {
		return false
	}
	C.aicredits_client_close(n.client)
	return true
}
