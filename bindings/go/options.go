package aicredits

// #include <stdlib.h>
// #include "native.h"
import "C"

import (
	"context"
	"time"
	"unsafe"
)

// Option is a setting of a [Client]. All of them are checked by [NewClient], before any socket opens.
type Option func(*config)

type config struct {
	native   *C.aicredits_config
	supplier func(context.Context) (string, error)
}

// withText lends a text to a setter, which copies it.
func withText(text string, set func(*C.char)) {
	native := C.CString(terminated(text))
	// Some of these are keys.
	defer func() {
		clear(unsafe.Slice((*byte)(unsafe.Pointer(native)), len(text)))
		C.free(unsafe.Pointer(native))
	}()
	set(native)
}

func truth(value bool) C.int32_t {
	if value {
		return 1
	}
	return 0
}

// milliseconds rounds up, so that a short time is not taken for none. What is not positive is refused by the library.
func milliseconds(time_ time.Duration) C.uint64_t {
	if time_ <= 0 {
		return 0
	}
	return C.uint64_t((time_-1)/time.Millisecond + 1)
}

// WithAPIKey sets the API key, which is sent as it stands. It replaces an earlier key, authorization value or supplier.
func WithAPIKey(key string) Option {
	return func(config *config) {
		withText(key, func(text *C.char) { C.aicredits_config_set_api_key(config.native, text) })
	}
}

// WithAuthorization sets the whole value of the Authorization header, for another credential than an API key.
func WithAuthorization(value string) Option {
	return func(config *config) {
		withText(value, func(text *C.char) { C.aicredits_config_set_authorization(config.native, text) })
	}
}

// WithCredentialSupplier asks a function for the value of the Authorization header, for credentials that expire: once a
// call, and once more after HTTP 401, on a goroutine of its own. Its context is the call's, and ends with the call's time
// and with the client: what it gives later is not waited for. Several calls may ask at once; the function must not make
// a call of the same client. Its error fails the call as [ErrUnauthorized], which wraps it; so does its panic.
func WithCredentialSupplier(supplier func(context.Context) (string, error)) Option {
	return func(config *config) {
		config.supplier = supplier
		C.go_set_credential_supplier(config.native, truth(supplier != nil))
	}
}

// WithAccount asks for all credits of this account. Each of the four ways to name a scope replaces the one before.
func WithAccount(accountID string) Option {
	return func(config *config) {
		withText(accountID, func(text *C.char) { C.aicredits_config_set_account_id(config.native, text) })
	}
}

// WithSite asks for the credits and the subscription of this site.
func WithSite(siteID string) Option {
	return func(config *config) {
		withText(siteID, func(text *C.char) { C.aicredits_config_set_site_id(config.native, text) })
	}
}

// WithAccountAndSite sends both ids. The API's page: the account-level balance is then returned.
func WithAccountAndSite(accountID, siteID string) Option {
	return func(config *config) {
		withText(accountID, func(account *C.char) {
			withText(siteID, func(site *C.char) { C.aicredits_config_set_account_and_site_ids(config.native, account, site) })
		})
	}
}

// WithCredentialScope sends no id: only with an authorization value or a supplier, whose context is its own.
func WithCredentialScope() Option {
	return func(config *config) { C.aicredits_config_set_credential_scope(config.native) }
}

// WithPerCallScope leaves the client without a scope: each call names its own, and a call that names none fails with
// [ErrInvalidArgument].
func WithPerCallScope() Option {
	return func(config *config) { C.aicredits_config_set_per_call_scope(config.native) }
}

// WithBaseURL names another server than Wix's: https, or http to a loopback address.
func WithBaseURL(url string) Option {
	return func(config *config) {
		withText(url, func(text *C.char) { C.aicredits_config_set_base_url(config.native, text) })
	}
}

// WithAllowInsecureHTTP lets the base URL be http to any host. The key then crosses the network for all to read.
func WithAllowInsecureHTTP(allow bool) Option {
	return func(config *config) { C.aicredits_config_set_allow_insecure_http(config.native, truth(allow)) }
}

// WithTimeout sets the total time of a call: 35 s unless set; more than 0 and at most a day. A context may end it sooner.
func WithTimeout(timeout time.Duration) Option {
	return func(config *config) { C.aicredits_config_set_timeout_ms(config.native, milliseconds(timeout)) }
}

// WithMaxReplyBytes sets the most bytes of a reply that are read: 8 MiB unless set; from 1 byte to 1 GiB.
func WithMaxReplyBytes(bytes uint) Option {
	return func(config *config) { C.aicredits_config_set_max_reply_bytes(config.native, C.size_t(bytes)) }
}

// WithMaxRetries sets how often a failed call is tried again: 2 unless set; at most 10, and 0 for never.
func WithMaxRetries(retries uint32) Option {
	return func(config *config) { C.aicredits_config_set_max_retries(config.native, C.uint32_t(retries)) }
}

// WithMaxConcurrency sets how many of the client's calls run at once: 64 unless set; from 1 to 4096. The others wait
// their turn, within their timeouts and contexts; a goroutine that waits holds no thread.
func WithMaxConcurrency(calls uint32) Option {
	return func(config *config) { C.aicredits_config_set_max_concurrency(config.native, C.uint32_t(calls)) }
}

// WithCAFile trusts the certificate authorities in this PEM file, and no others.
func WithCAFile(path string) Option {
	return func(config *config) {
		withText(path, func(text *C.char) { C.aicredits_config_set_ca_file(config.native, text) })
	}
}

// WithCAPEM is [WithCAFile] from the file's text.
func WithCAPEM(pem []byte) Option {
	return func(config *config) {
		native := (*C.char)(C.CBytes(pem))
		C.aicredits_config_set_ca_pem(config.native, native, C.size_t(len(pem)))
		C.free(unsafe.Pointer(native))
	}
}

// WithProxy reaches the server through this HTTP proxy: "http://user:password@proxy.example:3128".
func WithProxy(url string) Option {
	return func(config *config) {
		withText(url, func(text *C.char) { C.aicredits_config_set_proxy(config.native, text) })
	}
}

// WithProxyFromEnv reads the proxy from the environment, unless [WithProxy] names one.
func WithProxyFromEnv(read bool) Option {
	return func(config *config) { C.aicredits_config_set_proxy_from_env(config.native, truth(read)) }
}

// WithName sets what log records call the client. At most 64 characters.
func WithName(name string) Option {
	return func(config *config) {
		withText(name, func(text *C.char) { C.aicredits_config_set_name(config.native, text) })
	}
}

// FromEnv reads WIX_API_KEY, WIX_ACCOUNT_ID, WIX_SITE_ID and AICREDITS_BASE_URL, for whatever is not set otherwise. It sees
// what the process was started with and what os.Setenv set.
func FromEnv() Option {
	return func(config *config) { C.aicredits_config_from_env(config.native) }
}

// CallOption is a setting of one call.
type CallOption func(*callSettings)

type callSettings struct {
	timeout time.Duration
	scope   *Scope
	// Of the scope, where it is the call's own: which ids are sent, even if they are empty. The library refuses those.
	sendsAccount, sendsSite, hasScope bool
	// Something of it is not the client's.
	isOwn bool
}

func (s *callSettings) ask(scope Scope, sendsAccount, sendsSite bool) {
	s.scope, s.sendsAccount, s.sendsSite = &scope, sendsAccount, sendsSite
	s.hasScope, s.isOwn = true, true
}

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

// ForAccount asks for this account, instead of the client's scope.
func ForAccount(accountID string) CallOption {
	return func(call *callSettings) { call.ask(Scope{AccountID: accountID}, true, false) }
}

// ForSite asks for this site, instead of the client's scope.
func ForSite(siteID string) CallOption {
	return func(call *callSettings) { call.ask(Scope{SiteID: siteID}, false, true) }
}

// ForAccountAndSite sends both ids, instead of the client's scope.
func ForAccountAndSite(accountID, siteID string) CallOption {
	return func(call *callSettings) { call.ask(Scope{AccountID: accountID, SiteID: siteID}, true, true) }
}

// ForCredential sends no id, instead of the client's scope.
func ForCredential() CallOption {
	return func(call *callSettings) { call.ask(Scope{}, false, false) }
}

// Within sets the total time of this call, instead of the client's.
func Within(timeout time.Duration) CallOption {
	return func(call *callSettings) { call.timeout, call.isOwn = timeout, true }
}
