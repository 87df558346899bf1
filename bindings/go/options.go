package aicredits

import (
	"context"
	"time"
)

// Option is a setting of a [Client]. All of them are checked by [NewClient], before any socket opens.
type Option func(*config)

type config struct {
	settings
	provider func(context.Context) (string, error)
}

// settings is the library's configuration of a client.
type settings interface {
	setAPIKey(string)
	setAuthorization(string)
	setCredentialProvider(has bool)
	setAccountID(string)
	setSiteID(string)
	setAccountAndSiteIDs(account, site string)
	setCredentialScope()
	setPerCallScope()
	setBaseURL(string)
	setAllowInsecureHTTP(bool)
	setTimeout(time.Duration)
	setMaxReplyBytes(uint)
	setMaxRetries(uint32)
	setMaxConcurrency(uint32)
	setCAFile(string)
	setCAPEM([]byte)
	setProxy(string)
	setProxyFromEnv(bool)
	setName(string)
	fromEnv()
}

// WithAPIKey sets the API key, which is sent as it stands. It replaces an earlier key, authorization value or provider.
func WithAPIKey(key string) Option {
	return func(config *config) { config.setAPIKey(key) }
}

// WithAuthorization sets the whole value of the Authorization header, for another credential than an API key.
func WithAuthorization(value string) Option {
	return func(config *config) { config.setAuthorization(value) }
}

// WithCredentialProvider asks a function for the value of the Authorization header, for credentials that expire: once a
// call, and once more after HTTP 401, on a goroutine of its own. Its context is the call's, and ends with the call's time
// and with the client: what it gives later is not waited for. Several calls may ask at once; the function must not make
// a call of the same client. Its error fails the call as [ErrUnauthorized], which wraps it; so does its panic.
func WithCredentialProvider(provider func(context.Context) (string, error)) Option {
	return func(config *config) {
		config.provider = provider
		config.setCredentialProvider(provider != nil)
	}
}

// WithAccount asks for all credits of this account. Each of the four ways to name a scope replaces the one before.
func WithAccount(accountID string) Option {
	return func(config *config) { config.setAccountID(accountID) }
}

// WithSite asks for the credits and the subscription of this site.
func WithSite(siteID string) Option {
	return func(config *config) { config.setSiteID(siteID) }
}

// WithAccountAndSite sends both ids. The API's page: the account-level balance is then returned.
func WithAccountAndSite(accountID, siteID string) Option {
	return func(config *config) { config.setAccountAndSiteIDs(accountID, siteID) }
}

// WithCredentialScope sends no id: only with an authorization value or a provider, whose context is its own.
func WithCredentialScope() Option {
	return func(config *config) { config.setCredentialScope() }
}

// WithPerCallScope leaves the client without a scope: each call names its own, and a call that names none fails with
// [ErrInvalidArgument].
func WithPerCallScope() Option {
	return func(config *config) { config.setPerCallScope() }
}

// WithBaseURL names another server than Wix's: https, or http to a loopback address.
func WithBaseURL(url string) Option {
	return func(config *config) { config.setBaseURL(url) }
}

// WithAllowInsecureHTTP lets the base URL be http to any host. The key then crosses the network for all to read.
func WithAllowInsecureHTTP(allow bool) Option {
	return func(config *config) { config.setAllowInsecureHTTP(allow) }
}

// WithTimeout sets the total time of a call: 35 s unless set; more than 0 and at most a day. A context may end it sooner.
func WithTimeout(timeout time.Duration) Option {
	return func(config *config) { config.setTimeout(timeout) }
}

// WithMaxReplyBytes sets the most bytes of a reply that are read: 8 MiB unless set; from 1 byte to 1 GiB.
func WithMaxReplyBytes(bytes uint) Option {
	return func(config *config) { config.setMaxReplyBytes(bytes) }
}

// WithMaxRetries sets how often a failed call is tried again: 2 unless set; at most 10, and 0 for never.
func WithMaxRetries(retries uint32) Option {
	return func(config *config) { config.setMaxRetries(retries) }
}

// WithMaxConcurrency sets how many of the client's calls run at once: 64 unless set; from 1 to 4096. The others wait
// their turn, within their timeouts and contexts; a goroutine that waits holds no thread.
func WithMaxConcurrency(calls uint32) Option {
	return func(config *config) { config.setMaxConcurrency(calls) }
}

// WithCAFile trusts the certificate authorities in this PEM file, and no others.
func WithCAFile(path string) Option {
	return func(config *config) { config.setCAFile(path) }
}

// WithCAPEM is [WithCAFile] from the file's text.
func WithCAPEM(pem []byte) Option {
	return func(config *config) { config.setCAPEM(pem) }
}

// WithProxy reaches the server through this HTTP proxy: "http://user:password@proxy.example:3128".
func WithProxy(url string) Option {
	return func(config *config) { config.setProxy(url) }
}

// WithProxyFromEnv reads the proxy from the environment, unless [WithProxy] names one.
func WithProxyFromEnv(read bool) Option {
	return func(config *config) { config.setProxyFromEnv(read) }
}

// WithName sets what log records call the client. At most 64 characters.
func WithName(name string) Option {
	return func(config *config) { config.setName(name) }
}

// FromEnv reads WIX_API_KEY, WIX_ACCOUNT_ID, WIX_SITE_ID and AICREDITS_BASE_URL, for whatever is not set otherwise. It sees
// what the process was started with and what os.Setenv set.
func FromEnv() Option {
	return func(config *config) { config.fromEnv() }
}
