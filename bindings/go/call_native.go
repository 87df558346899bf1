//go:build cgo && linux

package aicredits

// #include "native_linux.h"
import "C"

import "time"

// newNative makes the library's settings of a call. Its times are absolute, so that the time in the queue counts, and the
// deadline of a provider's context is the library's.
func newNative(c *call) *C.aicredits_call {
	native := C.aicredits_call_new()
	if c.settings.hasTimeout {
		C.aicredits_call_set_timeout_ms(native, milliseconds(c.settings.timeout))
	}
	// Otherwise the call enters the library at once, which is its start. With an earlier start, an error would name a queue.
	if c.permits.hasWaited() {
		C.aicredits_call_set_start_ns(native, monotonicNS(c.start))
	}
	// The library counts a timeout in milliseconds, and from the entry of the call. It refuses one that is not valid, which must
	// not be hidden.
	mustBeExact := c.client.provider != nil || c.settings.timeout%time.Millisecond != 0
	if c.hasContextDeadline || mustBeExact && !c.settings.hasInvalidTimeout() {
		C.aicredits_call_set_deadline_ns(native, monotonicNS(c.deadline))
	}
	// An error names one queue: the one in which the call was longer.
	if c.permits.waitForProcess > c.permits.waitForClient {
		C.aicredits_call_set_process_limit(native, C.uint32_t(cap(nativeCalls)))
	}
	if c.settings.hasScope {
		c.settings.setScope(native)
	}
	c.settings.setReservation(native)
	return native
}

func (s *callSettings) setScope(native *C.aicredits_call) {
	withText(s.scope.AccountID, func(account *C.char) {
		withText(s.scope.SiteID, func(site *C.char) {
			switch {
			case s.sendsAccount && s.sendsSite:
				C.aicredits_call_set_account_and_site_ids(native, account, site)
			case s.sendsSite:
				C.aicredits_call_set_site_id(native, site)
			case s.sendsAccount:
				C.aicredits_call_set_account_id(native, account)
			default:
				C.aicredits_call_set_credential_scope(native)
			}
		})
	})
}

// isInvalid reports whether the library refuses the settings at once. Such a call does not wait for permits.
func (s *callSettings) isInvalid() bool {
	return s.hasInvalidTimeout() || s.hasScope && (s.sendsAccount && s.scope.AccountID == "" || s.sendsSite && s.scope.SiteID == "")
}

func (s *callSettings) hasInvalidTimeout() bool {
	return s.timeout <= 0 || s.timeout > 24*time.Hour
}
