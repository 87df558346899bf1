//go:build cgo && linux

package aicredits

// #include <stdlib.h>
// #include "native_linux.h"
import "C"

import (
	"os"
	"time"
	"unsafe"
)

// nativeSettings is the library's configuration. Its setters copy their arguments, and aicredits_client_new checks them.
type nativeSettings struct{ config *C.aicredits_config }

func (s nativeSettings) setAPIKey(key string) {
	withText(key, func(text *C.char) { C.aicredits_config_set_api_key(s.config, text) })
}

func (s nativeSettings) setAuthorization(value string) {
	withText(value, func(text *C.char) { C.aicredits_config_set_authorization(s.config, text) })
}

func (s nativeSettings) setCredentialProvider(has bool) {
	C.aicredits_go_set_credential_provider(s.config, truth(has))
}

func (s nativeSettings) setAccountID(id string) {
	withText(id, func(text *C.char) { C.aicredits_config_set_account_id(s.config, text) })
}

func (s nativeSettings) setSiteID(id string) {
	withText(id, func(text *C.char) { C.aicredits_config_set_site_id(s.config, text) })
}

func (s nativeSettings) setAccountAndSiteIDs(accountID, siteID string) {
	withText(accountID, func(account *C.char) {
		withText(siteID, func(site *C.char) { C.aicredits_config_set_account_and_site_ids(s.config, account, site) })
	})
}

func (s nativeSettings) setCredentialScope() { C.aicredits_config_set_credential_scope(s.config) }

func (s nativeSettings) setPerCallScope() { C.aicredits_config_set_per_call_scope(s.config) }

func (s nativeSettings) setBaseURL(url string) {
	withText(url, func(text *C.char) { C.aicredits_config_set_base_url(s.config, text) })
}

func (s nativeSettings) setAllowInsecureHTTP(allow bool) {
	C.aicredits_config_set_allow_insecure_http(s.config, truth(allow))
}

func (s nativeSettings) setTimeout(timeout time.Duration) {
	C.aicredits_config_set_timeout_ms(s.config, milliseconds(timeout))
}

func (s nativeSettings) setMaxReplyBytes(bytes uint) {
	C.aicredits_config_set_max_reply_bytes(s.config, C.size_t(bytes))
}

func (s nativeSettings) setMaxRetries(retries uint32) {
	C.aicredits_config_set_max_retries(s.config, C.uint32_t(retries))
}

func (s nativeSettings) setMaxConcurrency(calls uint32) {
	C.aicredits_config_set_max_concurrency(s.config, C.uint32_t(calls))
}

func (s nativeSettings) setCAFile(path string) {
	withText(path, func(text *C.char) { C.aicredits_config_set_ca_file(s.config, text) })
}

func (s nativeSettings) setCAPEM(pem []byte) {
	native := (*C.char)(C.CBytes(pem))
	C.aicredits_config_set_ca_pem(s.config, native, C.size_t(len(pem)))
	C.free(unsafe.Pointer(native))
}

func (s nativeSettings) setProxy(url string) {
	withText(url, func(text *C.char) { C.aicredits_config_set_proxy(s.config, text) })
}

func (s nativeSettings) setProxyFromEnv(read bool) {
	C.aicredits_config_set_proxy_from_env(s.config, truth(read))
}

func (s nativeSettings) setName(name string) {
	withText(name, func(text *C.char) { C.aicredits_config_set_name(s.config, text) })
}

func (s nativeSettings) fromEnv() { C.aicredits_config_from_env(s.config) }

// setEnvironment passes a copy of the environment, because getenv of C is not thread-safe while os.Setenv runs. The library
// picks the variables that it uses.
func (s nativeSettings) setEnvironment() {
	pairs := os.Environ()
	size := unsafe.Sizeof((*C.char)(nil))
	array := (**C.char)(C.calloc(C.size_t(len(pairs)+1), C.size_t(size)))
	defer C.free(unsafe.Pointer(array))
	entries := unsafe.Slice(array, len(pairs)+1)
	for i, pair := range pairs {
		entries[i] = C.CString(pair)
	}
	defer func() {
		for i, pair := range pairs {
			freeText(entries[i], len(pair))
		}
	}()
	C.aicredits_config_set_environment(s.config, array)
}

// withText passes a C string to a setter, which copies it.
func withText(text string, set func(*C.char)) {
	native := C.CString(terminated(text))
	defer freeText(native, len(text))
	set(native)
}

// freeText overwrites the text before it frees it, because it may be a key.
func freeText(text *C.char, length int) {
	clear(unsafe.Slice((*byte)(unsafe.Pointer(text)), length))
	C.free(unsafe.Pointer(text))
}

func truth(value bool) C.int32_t {
	if value {
		return 1
	}
	return 0
}

// milliseconds rounds up, so that a short time does not become 0. The library refuses 0.
func milliseconds(duration time.Duration) C.uint64_t {
	if duration <= 0 {
		return 0
	}
	return C.uint64_t((duration-1)/time.Millisecond + 1)
}
