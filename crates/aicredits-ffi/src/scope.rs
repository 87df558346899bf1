//! The scope of a request.

use std::ffi::{CStr, c_char};

use aicredits::Scope;

use ffi_support::argument::ArgumentFault;
use ffi_support::text::{self, Text};

/// Which of the four scopes: AICREDITS_SCOPE_ACCOUNT and the following.
pub type aicredits_scope_kind = i32;

/// All credits of an account.
pub const AICREDITS_SCOPE_ACCOUNT: aicredits_scope_kind = 1;
/// The credits and the subscription of a site.
pub const AICREDITS_SCOPE_SITE: aicredits_scope_kind = 2;
/// Both ids were sent. The API's page: when the caller has both, the account-level balance is returned.
pub const AICREDITS_SCOPE_ACCOUNT_AND_SITE: aicredits_scope_kind = 3;
/// No id was sent: the credential carries its own context.
pub const AICREDITS_SCOPE_CREDENTIAL: aicredits_scope_kind = 4;

/// Returns the name of a kind of scope, such as "SITE" for AICREDITS_SCOPE_SITE. "UNKNOWN" for a number that this
/// version does not know.
///
/// The string is static. Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn aicredits_scope_kind_name(kind: aicredits_scope_kind) -> *const c_char {
    let name: &CStr = match kind {
        AICREDITS_SCOPE_ACCOUNT => c"ACCOUNT",
        AICREDITS_SCOPE_SITE => c"SITE",
        AICREDITS_SCOPE_ACCOUNT_AND_SITE => c"ACCOUNT_AND_SITE",
        AICREDITS_SCOPE_CREDENTIAL => c"CREDENTIAL",
        _ => c"UNKNOWN",
    };
    name.as_ptr()
}

/// The scope of a request: an account, a site, both, or neither. Every balance and every error of a call has it,
/// because a valid key with a wrong id is hard to notice.
///
/// Plain data, borrowed from a balance, an error, a client, a gate or an outcome. The layout does not change within a SONAME.
#[repr(C)]
pub struct aicredits_scope {
    /// Which of the four.
    pub kind: aicredits_scope_kind,
    /// The account id, NUL-terminated; NULL if none was sent.
    pub account_id: *const c_char,
    /// Its length in bytes, without the NUL.
    pub account_id_length: usize,
    /// The site id, NUL-terminated; NULL if none was sent.
    pub site_id: *const c_char,
    /// Its length in bytes, without the NUL.
    pub site_id_length: usize,
    /// Zero.
    pub reserved: [u64; 2],
}

/// A scope that C can borrow, and the texts that it points to.
pub(crate) struct OwnedScope {
    view: aicredits_scope,
    _texts: [Option<Text>; 2],
}

// SAFETY: the pointers within lead to memory that it owns and never changes.
unsafe impl Send for OwnedScope {}
// SAFETY: as above.
unsafe impl Sync for OwnedScope {}

impl OwnedScope {
    pub(crate) fn view(&self) -> &aicredits_scope {
        &self.view
    }
}

impl From<&Scope> for OwnedScope {
    fn from(scope: &Scope) -> Self {
        let account = scope.account_id().map(Text::new);
        let site = scope.site_id().map(Text::new);
        let pointer = |text: &Option<Text>| text.as_ref().map_or(std::ptr::null(), Text::as_ptr);
        let length = |text: &Option<Text>| text.as_ref().map_or(0, Text::len);
        let view = aicredits_scope {
            kind: match scope {
                Scope::Account(_) => AICREDITS_SCOPE_ACCOUNT,
                Scope::Site(_) => AICREDITS_SCOPE_SITE,
                Scope::AccountAndSite { .. } => AICREDITS_SCOPE_ACCOUNT_AND_SITE,
                Scope::Credential => AICREDITS_SCOPE_CREDENTIAL,
            },
            account_id: pointer(&account),
            account_id_length: length(&account),
            site_id: pointer(&site),
            site_id_length: length(&site),
            reserved: [0; 2],
        };
        // The texts own heap memory, so moving them moves nothing that the view points to.
        Self { view, _texts: [account, site] }
    }
}

/// # Safety
///
/// NULL or a NUL-terminated string.
pub(crate) unsafe fn account(account_id: *const c_char) -> Result<Scope, ArgumentFault> {
    // SAFETY: by this function's own contract.
    unsafe { text::copy("account_id", account_id) }.map(Scope::Account)
}

/// # Safety
///
/// NULL or a NUL-terminated string.
pub(crate) unsafe fn site(site_id: *const c_char) -> Result<Scope, ArgumentFault> {
    // SAFETY: by this function's own contract.
    unsafe { text::copy("site_id", site_id) }.map(Scope::Site)
}

/// # Safety
///
/// NULLs or NUL-terminated strings.
pub(crate) unsafe fn account_and_site(
    account_id: *const c_char,
    site_id: *const c_char,
) -> Result<Scope, ArgumentFault> {
    // SAFETY: by this function's own contract.
    let (account, site) = unsafe { (text::copy("account_id", account_id)?, text::copy("site_id", site_id)?) };
    Ok(Scope::AccountAndSite { account, site })
}
