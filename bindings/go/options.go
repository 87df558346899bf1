package aicredits

// #include <stdlib.h>
// #include "native.h"
import "C"

import (
	"runtime/cgo"
	"time"
	"unsafe"
)

// Option is a setting of a [Client]. All of them are checked by [NewClient], before any socket opens.
type Option func(*C.aicredits_config)

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
	return func(config *C.aicredits_config) {
		withText(key, func(text *C.char) { C.aicredits_config_set_api_key(config, text) })
	}
}

// WithAuthorization sets the whole value of the Authorization header, for another credential than an API key.
func WithAuthorization(value string) Option {
	return func(config *C.aicredits_config) {
		withText(value, func(text *C.char) { C.aicredits_config_set_authorization(config, text) })
	}
}

// WithCredentialSupplier asks a function for the value of the Authorization header, for credentials that expire: once a
// call, inside its timeout, and once more after HTTP 401. Several goroutines may ask at once; the function must not make
// a call of the same client. Its error fails the call as [ErrUnauthorized], with its text; so does its panic.
func WithCredentialSupplier(supplier func() (string, error)) Option {
	return func(config *C.aicredits_config) {
		if supplier == nil {
			C.aicredits_config_set_credential_supplier(config, nil, nil, nil)
			return
		}
		C.go_set_credential_supplier(config, C.uintptr_t(cgo.NewHandle(supplier)))
	}
}

// WithAccount asks for all credits of this account. Each of the four ways to name a scope replaces the one before.
func WithAccount(accountID string) Option {
	return func(config *C.aicredits_config) {
		withText(accountID, func(text *C.char) { C.aicredits_config_set_account_id(config, text) })
	}
}

// WithSite asks for the credits and the subscription of this site.
func WithSite(siteID string) Option {
	return func(config *C.aicredits_config) {
		withText(siteID, func(text *C.char) { C.aicredits_config_set_site_id(config, text) })
	}
}

// WithAccountAndSite sends both ids. The API's page: the account-level balance is then returned.
func WithAccountAndSite(accountID, siteID string) Option {
	return func(config *C.aicredits_config) {
		withText(accountID, func(account *C.char) {
			withText(siteID, func(site *C.char) { C.aicredits_config_set_account_and_site_ids(config, account, site) })
		})
	}
}

// WithCredentialScope sends no id: only with an authorization value or a supplier, whose context is its own.
func WithCredentialScope() Option {
	return func(config *C.aicredits_config) { C.aicredits_config_set_credential_scope(config) }
}

// WithBaseURL names another server than Wix's: https, or http to a loopback address.
func WithBaseURL(url string) Option {
	return func(config *C.aicredits_config) {
		withText(url, func(text *C.char) { C.aicredits_config_set_base_url(config, text) })
	}
}

// WithAllowInsecureHTTP lets the base URL be http to any host. The key then crosses the network for all to read.
func WithAllowInsecureHTTP(allow bool) Option {
	return func(config *C.aicredits_config) { C.aicredits_config_set_allow_insecure_http(config, truth(allow)) }
}

// WithTimeout sets the total time of a call: 35 s unless set; more than 0 and at most a day. A context may end it sooner.
func WithTimeout(timeout time.Duration) Option {
	return func(config *C.aicredits_config) { C.aicredits_config_set_timeout_ms(config, milliseconds(timeout)) }
}

// WithMaxReplyBytes sets the most bytes of a reply that are read: 8 MiB unless set; from 1 byte to 1 GiB.
func WithMaxReplyBytes(bytes uint) Option {
	return func(config *C.aicredits_config) { C.aicredits_config_set_max_reply_bytes(config, C.size_t(bytes)) }
}

// WithMaxRetries sets how often a failed call is tried again: 2 unless set; at most 10, and 0 for never.
func WithMaxRetries(retries uint32) Option {
	return func(config *C.aicredits_config) { C.aicredits_config_set_max_retries(config, C.uint32_t(retries)) }
}

// WithMaxConcurrency sets how many of the client's calls run at once: 64 unless set; from 1 to 4096. The others wait
// their turn, within their timeouts and contexts; a goroutine that waits holds no thread.
func WithMaxConcurrency(calls uint32) Option {
	return func(config *C.aicredits_config) { C.aicredits_config_set_max_concurrency(config, C.uint32_t(calls)) }
}

// WithCAFile trusts the certificate authorities in this PEM file, and no others.
func WithCAFile(path string) Option {
	return func(config *C.aicredits_config) {
		withText(path, func(text *C.char) { C.aicredits_config_set_ca_file(config, text) })
	}
}

// WithCAPEM is [WithCAFile] from the file's text.
func WithCAPEM(pem []byte) Option {
	return func(config *C.aicredits_config) {
		native := (*C.char)(C.CBytes(pem))
		C.aicredits_config_set_ca_pem(config, native, C.size_t(len(pem)))
		C.free(unsafe.Pointer(native))
	}
}

// WithProxy reaches the server through this HTTP proxy: "http://user:password@proxy.example:3128".
func WithProxy(url string) Option {
	return func(config *C.aicredits_config) {
		withText(url, func(text *C.char) { C.aicredits_config_set_proxy(config, text) })
	}
}

// WithProxyFromEnv reads the proxy from the environment, unless [WithProxy] names one.
func WithProxyFromEnv(read bool) Option {
	return func(config *C.aicredits_config) { C.aicredits_config_set_proxy_from_env(config, truth(read)) }
}

// WithName sets what log records call the client. At most 64 characters.
func WithName(name string) Option {
	return func(config *C.aicredits_config) {
		withText(name, func(text *C.char) { C.aicredits_config_set_name(config, text) })
	}
}

// FromEnv reads WIX_API_KEY, WIX_ACCOUNT_ID, WIX_SITE_ID and AICREDITS_BASE_URL, for whatever is not set otherwise. It sees
// what the process was started with and what os.Setenv set.
func FromEnv() Option {
	return func(config *C.aicredits_config) { C.aicredits_config_from_env(config) }
}

// CallOption is a setting of one call.
type CallOption func(*callSettings)

type callSettings struct {
	scope *Scope
	// Which ids are sent, even if they are empty: the library refuses those.
	sendsAccount, sendsSite bool
	timeout                 *time.Duration
}

func (s *callSettings) ask(scope Scope, sendsAccount, sendsSite bool) {
	s.scope, s.sendsAccount, s.sendsSite = &scope, sendsAccount, sendsSite
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
	return func(call *callSettings) { call.timeout = &timeout }
}
