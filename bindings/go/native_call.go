//go:build cgo && linux

package aicredits

// #include "native_linux.h"
import "C"

import "time"

// isRefused tells what the library refuses at once, so that it need not wait for its turn to hear that.
func (s *callSettings) isRefused() bool {
	return s.hasNoTime() || s.hasScope && (s.sendsAccount && s.scope.AccountID == "" || s.sendsSite && s.scope.SiteID == "")
}

// hasNoTime reports whether the library refuses the timeout.
func (s *callSettings) hasNoTime() bool {
	return s.timeout <= 0 || s.timeout > 24*time.Hour
}

// native is the library's call, with the time that it has.
func (s *callSettings) native(allowed time.Duration) *C.aicredits_call {
	if s.hasNoTime() {
		// The library says what is wrong with that.
		allowed = s.timeout
	}
	call := C.aicredits_call_new()
	C.aicredits_call_set_timeout_ms(call, milliseconds(allowed))
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
