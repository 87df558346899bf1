//go:build cgo && linux

package aicredits

// #include "native_linux.h"
import "C"

import "time"

// isRefused tells what the library refuses at once, so that it need not wait for its turn to hear that.
func (s *callSettings) isRefused() bool {
	return s.timeout <= 0 || s.timeout > 24*time.Hour || s.hasScope && (s.sendsAccount && s.scope.AccountID == "" || s.sendsSite && s.scope.SiteID == "")
}

// native is the library's call, for what is left until the deadline, or a moment less.
func (s *callSettings) native(deadline time.Time, endsSooner bool) *C.aicredits_call {
	left := time.Until(deadline)
	if endsSooner {
		left -= 2 * time.Millisecond
	}
	call := C.aicredits_call_new()
	switch {
	case s.timeout <= 0 || s.timeout > 24*time.Hour:
		// It says what is wrong with that.
		C.aicredits_call_set_timeout_ms(call, milliseconds(s.timeout))
	default:
		// At least a moment, so that the library says what it says when the time is up.
		C.aicredits_call_set_timeout_ms(call, milliseconds(max(left, time.Millisecond)))
	}
	if !s.hasScope {
		return call
	}
	withText(s.scope.AccountID, func(account *C.char) {
		withText(s.scope.SiteID, func(site *C.char) {
			switch {
			case s.sendsAccount && s.sendsSite:
				C.aicredits_call_set_account_and_site_ids(call, account, site)
			case s.sendsSite:
				C.aicredits_call_set_site_id(call, site)
			case s.sendsAccount:
				C.aicredits_call_set_account_id(call, account)
			default:
				C.aicredits_call_set_credential_scope(call)
			}
		})
	})
	return call
}
