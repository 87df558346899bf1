//! Settings.

use std::ffi::c_char;
use std::time::Duration;

use aicredits::{ClientBuilder, MAX_CA_BYTES, Row, SETTINGS, Scope, Surface};

use ffi_support::argument::ArgumentFault;
use ffi_support::boundary::infallible;
use ffi_support::testing::Counted;
use ffi_support::text;

use crate::failure::Failure;
use crate::scope;

/// The settings of a client to be made. A setter copies what it is given and returns nothing: what is wrong with it,
/// a NULL or invalid UTF-8 too, is told by aicredits_client_new(), with the name of the setting. A later setter call
/// replaces what an earlier one set.
///
/// Used by one thread at a time. No setter blocks. Made by aicredits_config_new(), freed by aicredits_config_free(); it
/// may be freed as soon as the client is made, and may make any number of clients.
pub struct aicredits_config {
    builder: ClientBuilder,
    surface: Surface,
    faults: Faults,
    _counted: Counted,
}

impl Default for aicredits_config {
    fn default() -> Self {
        Self {
            builder: ClientBuilder::default(),
            surface: Surface::C,
            faults: Faults::default(),
            _counted: Counted::new(),
        }
    }
}

impl aicredits_config {
    /// The settings, or the first that is wrong.
    pub(crate) fn builder(&self) -> Result<ClientBuilder, Failure> {
        match self.faults.first(SETTINGS, self.surface) {
            None => Ok(self.builder.clone().surface(self.surface)),
            Some(fault) => Err(fault.into()),
        }
    }

    pub(crate) fn surface(&self) -> Surface {
        self.surface
    }

    pub(crate) fn set<T>(
        &mut self,
        slot: Slot,
        value: Result<T, ArgumentFault>,
        apply: impl FnOnce(ClientBuilder, T) -> ClientBuilder,
    ) {
        if let Some(value) = self.faults.note(slot, value) {
            self.change(|builder| apply(builder, value));
        }
    }

    fn change(&mut self, apply: impl FnOnce(ClientBuilder) -> ClientBuilder) {
        self.builder = apply(std::mem::take(&mut self.builder));
    }
}

/// What a setter call replaces: several setters fill one slot.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Slot {
    Credential,
    Scope,
    BaseUrl,
    Authorities,
    Proxy,
    Name,
    Environment,
    Surface,
}

/// Whose names of settings messages use: AICREDITS_SURFACE_C, or another of these. The numbers are never reused.
pub type aicredits_surface = i32;

/// The setters of this header: "ca_file".
pub const AICREDITS_SURFACE_C: aicredits_surface = 0;
/// The member functions of aicredits.hpp: "ca_file".
pub const AICREDITS_SURFACE_CPP: aicredits_surface = 1;
/// The options of the Go package: "WithCAFile".
pub const AICREDITS_SURFACE_GO: aicredits_surface = 2;

/// What setters could not accept, until someone asks who can be told.
#[derive(Default)]
pub(crate) struct Faults(Vec<(Slot, ArgumentFault)>);

impl Faults {
    /// Keeps the fault, or forgets an earlier one of the same slot.
    pub(crate) fn note<T>(&mut self, slot: Slot, result: Result<T, ArgumentFault>) -> Option<T> {
        self.0.retain(|&(faulty, _)| faulty != slot);
        match result {
            Ok(value) => Some(value),
            Err(fault) => {
                self.0.push((slot, fault));
                None
            }
        }
    }

    /// In the order of the core's table, so that the same setting is named whatever was called first. It is named as the
    /// surface does.
    pub(crate) fn first(&self, table: &[Row], surface: Surface) -> Option<ArgumentFault> {
        let place = |name: &str| table.iter().position(|row| row.name == name);
        let &(_, fault) = self.0.iter().min_by_key(|(_, fault)| place(fault.name))?;
        let own_name = place(fault.name).and_then(|place| table[place].name_in(surface));
        Some(ArgumentFault { name: own_name.unwrap_or(fault.name), ..fault })
    }
}

/// Makes empty settings. Never NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_config_new() -> *mut aicredits_config {
    infallible(std::ptr::null_mut(), || Box::into_raw(Box::default()))
}

/// Frees settings; the copy of the key in them is wiped. NULL is fine. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_config_free(config: Option<Box<aicredits_config>>) {
    infallible((), || drop(config));
}

/// The API key, such as "IST....", sent as it stands. It replaces an earlier key, authorization value or provider. The
/// copy is wiped when the settings are freed, the client's when the client is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_config_set_api_key(config: Option<&mut aicredits_config>, api_key: *const c_char) {
    set(config, |config| {
        // SAFETY: the caller passes NULL or a NUL-terminated string.
        let api_key = unsafe { text::copy("api_key", api_key) };
        config.set(Slot::Credential, api_key, ClientBuilder::api_key);
    });
}

/// The whole value of the Authorization header, for another credential than an API key. It replaces an earlier key,
/// authorization value or provider. Wix documents API keys for this API; whether its other tokens reach it is not
/// known.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_config_set_authorization(
    config: Option<&mut aicredits_config>,
    authorization: *const c_char,
) {
    set(config, |config| {
        // SAFETY: the caller passes NULL or a NUL-terminated string.
        let authorization = unsafe { text::copy("authorization", authorization) };
        config.set(Slot::Credential, authorization, ClientBuilder::authorization);
    });
}

/// Asks for all credits of this account. Each of the five scope setters replaces the one before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_config_set_account_id(
    config: Option<&mut aicredits_config>,
    account_id: *const c_char,
) {
    // SAFETY: the caller passes NULL or a NUL-terminated string.
    set(config, |config| config.set(Slot::Scope, unsafe { scope::account(account_id) }, ClientBuilder::scope));
}

/// Asks for the credits and the subscription of this site. Each of the five scope setters replaces the one before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_config_set_site_id(config: Option<&mut aicredits_config>, site_id: *const c_char) {
    // SAFETY: the caller passes NULL or a NUL-terminated string.
    set(config, |config| config.set(Slot::Scope, unsafe { scope::site(site_id) }, ClientBuilder::scope));
}

/// Sends both ids. The API's page: when the caller has both, the account-level balance is returned. Each of the five
/// scope setters replaces the one before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_config_set_account_and_site_ids(
    config: Option<&mut aicredits_config>,
    account_id: *const c_char,
    site_id: *const c_char,
) {
    set(config, |config| {
        // SAFETY: the caller passes NULLs or NUL-terminated strings.
        let scope = unsafe { scope::account_and_site(account_id, site_id) };
        config.set(Slot::Scope, scope, ClientBuilder::scope);
    });
}

/// Sends no id: the credential carries its own context. Refused with an API key, which has none. Each of the five
/// scope setters replaces the one before.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_config_set_credential_scope(config: Option<&mut aicredits_config>) {
    set(config, |config| config.set(Slot::Scope, Ok(Scope::Credential), ClientBuilder::scope));
}

/// Gives the client no scope: each call names its own. A call that names none returns
/// AICREDITS_STATUS_INVALID_ARGUMENT, and nothing is sent. aicredits_client_scope() is then NULL. Each of the five scope
/// setters replaces the one before.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_config_set_per_call_scope(config: Option<&mut aicredits_config>) {
    set(config, |config| config.set(Slot::Scope, Ok(()), |builder, ()| builder.per_call_scope()));
}

/// Another server than Wix's, such as a proxy of your own or an emulator: "https://...", or "http://..." to a loopback
/// host (127.0.0.0/8, ::1, or localhost, which is never looked up). It may have a path, which is put before the API's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_config_set_base_url(config: Option<&mut aicredits_config>, base_url: *const c_char) {
    set(config, |config| {
        // SAFETY: the caller passes NULL or a NUL-terminated string.
        let base_url = unsafe { text::copy("base_url", base_url) };
        config.set(Slot::BaseUrl, base_url, ClientBuilder::base_url);
    });
}

/// Anything but 0 lets the base URL be "http://..." to any host, and through any proxy. The key then crosses the network
/// in clear text.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_config_set_allow_insecure_http(config: Option<&mut aicredits_config>, allow: i32) {
    set(config, |config| config.change(|builder| builder.allow_insecure_http(allow != 0)));
}

/// The total time of a call in milliseconds, over all that it does. 35,000 unless set: Wix's gateway gives up at about
/// 30 s, and its reply then carries the request id. More than 0 and at most a day.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_config_set_timeout_ms(config: Option<&mut aicredits_config>, timeout_ms: u64) {
    set(config, |config| config.change(|builder| builder.timeout(Duration::from_millis(timeout_ms))));
}

/// The most bytes of a reply that are read: 8 MiB unless set; from 1 byte to 1 GiB. The largest reply that the page's
/// limits allow has about 0.9 MB.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_config_set_max_reply_bytes(config: Option<&mut aicredits_config>, max_reply_bytes: usize) {
    set(config, |config| config.change(|builder| builder.max_reply_bytes(max_reply_bytes)));
}

/// How often a call is tried again after a connection failure, HTTP 429, 500, 502, 503 or 504, within its timeout: 2
/// unless set; at most 10, and 0 for never.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_config_set_max_retries(config: Option<&mut aicredits_config>, max_retries: u32) {
    set(config, |config| config.change(|builder| builder.max_retries(max_retries)));
}

/// How many of the client's calls run at once, and so how many connections it opens: 64 unless set; from 1 to 4096. A
/// call beyond that waits until one ends, first come first served, within its own timeout; it can be cancelled
/// meanwhile. A call that pauses before it is tried again goes on counting.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_config_set_max_concurrency(config: Option<&mut aicredits_config>, max_concurrency: u32) {
    set(config, |config| config.change(|builder| builder.max_concurrency(max_concurrency)));
}

/// The certificate authorities to trust, instead of the system's: a regular file of certificates in PEM, of at most 16
/// MiB. It is read by aicredits_client_new(), which a network file system that hangs blocks. It replaces an earlier file
/// or text.
///
/// Without it and aicredits_config_set_ca_pem() the operating system's authorities are trusted; SSL_CERT_FILE and
/// SSL_CERT_DIR name others. Both variables are read by aicredits_client_new(), and their files at the first "https"
/// call. An empty variable is unset.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_config_set_ca_file(config: Option<&mut aicredits_config>, ca_file: *const c_char) {
    set(config, |config| {
        // SAFETY: the caller passes NULL or a NUL-terminated string.
        let ca_file = unsafe { text::copy("ca_file", ca_file) };
        config.set(Slot::Authorities, ca_file, ClientBuilder::ca_file);
    });
}

/// The certificate authorities to trust, instead of the system's: length bytes of certificates in PEM, at most 16 MiB,
/// which need no NUL at their end. They are copied. It replaces an earlier file or text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_config_set_ca_pem(
    config: Option<&mut aicredits_config>,
    ca_pem: *const c_char,
    length: usize,
) {
    set(config, |config| {
        let ca_pem = match length {
            // SAFETY: the caller passes NULL or this many bytes that may be read.
            0..=MAX_CA_BYTES => unsafe { text::copy_bytes("ca_pem", ca_pem, length) },
            _ => Err(ArgumentFault { name: "ca_pem", fault: "is larger than 16 MiB" }),
        };
        config.set(Slot::Authorities, ca_pem, ClientBuilder::ca_pem);
    });
}

/// Reaches the server, an "http" one too, through this HTTP proxy, which is asked by CONNECT:
/// "http://proxy.example:3128", or "https://..." for a proxy that is itself spoken to over TLS. A name and a password
/// may stand before the host, percent-encoded where a URL needs it. With an "http" base URL the proxy reads the key, so
/// it must be on this machine, or aicredits_config_set_allow_insecure_http() be called. Unless this or
/// aicredits_config_set_proxy_from_env() is called, no proxy is used, whatever the environment says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_config_set_proxy(config: Option<&mut aicredits_config>, proxy: *const c_char) {
    set(config, |config| {
        // SAFETY: the caller passes NULL or a NUL-terminated string.
        let proxy = unsafe { text::copy("proxy", proxy) };
        config.set(Slot::Proxy, proxy, ClientBuilder::proxy);
    });
}

/// Anything but 0 lets aicredits_client_new() read the proxy from the environment, unless aicredits_config_set_proxy()
/// names one: https_proxy or HTTPS_PROXY for an "https" server, http_proxy for an "http" one, else all_proxy or
/// ALL_PROXY. Hosts in no_proxy, or else in NO_PROXY, and loopback hosts (127.0.0.0/8, ::1, localhost) get none. An
/// empty variable is unset. A value that cannot be used is refused, never skipped.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_config_set_proxy_from_env(config: Option<&mut aicredits_config>, read: i32) {
    set(config, |config| config.change(|builder| builder.proxy_from_env(read != 0)));
}

/// What log records call the client, where a process has several. At most 64 characters.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_config_set_name(config: Option<&mut aicredits_config>, name: *const c_char) {
    set(config, |config| {
        // SAFETY: the caller passes NULL or a NUL-terminated string.
        let name = unsafe { text::copy("name", name) };
        config.set(Slot::Name, name, ClientBuilder::name);
    });
}

/// Reads every variable from this array instead of the environment of the process: for aicredits_config_from_env(), for
/// aicredits_config_set_proxy_from_env(), and SSL_CERT_FILE and SSL_CERT_DIR. The array has one string "NAME=VALUE" per
/// variable and ends with NULL, as environ does; it is copied. A variable that is not in it is unset. Entries without
/// "=" are ignored, and the first of equal names counts. It replaces an earlier array. The order of this call and
/// aicredits_config_from_env() does not matter.
///
/// For programs that change the environment of the process while other threads run. A call reads no variable, but glibc's
/// getaddrinfo(), which looks up the host's name, reads LOCALDOMAIN, RES_OPTIONS and HOSTALIASES by itself. It is not
/// called for addresses and localhost.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aicredits_config_set_environment(
    config: Option<&mut aicredits_config>,
    environment: *const *const c_char,
) {
    set(config, |config| {
        // SAFETY: the caller passes NULL or an array of NUL-terminated strings that ends with NULL.
        let environment = unsafe { text::copy_environment("environment", environment) };
        config.set(Slot::Environment, environment, ClientBuilder::environment);
    });
}

/// Names settings in messages as another language does: AICREDITS_SURFACE_C unless set. For language bindings.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_config_set_surface(config: Option<&mut aicredits_config>, surface: aicredits_surface) {
    set(config, |config| {
        let surface = match surface {
            AICREDITS_SURFACE_C => Ok(Surface::C),
            AICREDITS_SURFACE_CPP => Ok(Surface::Cpp),
            AICREDITS_SURFACE_GO => Ok(Surface::Go),
            _ => Err(ArgumentFault { name: "surface", fault: "is no AICREDITS_SURFACE_ constant" }),
        };
        if let Some(surface) = config.faults.note(Slot::Surface, surface) {
            config.surface = surface;
        }
    });
}

/// Reads WIX_API_KEY, WIX_ACCOUNT_ID, WIX_SITE_ID and AICREDITS_BASE_URL now, for whatever is not set by a setter,
/// before or after. An empty variable counts as unset. With both ids set, aicredits_client_new() refuses unless a
/// scope setter was called.
///
/// As with getenv(), no other thread may change the environment meanwhile; aicredits_config_set_environment() avoids
/// that.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_config_from_env(config: Option<&mut aicredits_config>) {
    set(config, |config| config.change(ClientBuilder::from_env));
}

/// A setter on NULL does nothing: aicredits_client_new() then refuses the NULL.
pub(crate) fn set(config: Option<&mut aicredits_config>, setter: impl FnOnce(&mut aicredits_config)) {
    infallible((), || config.map_or((), setter));
}
