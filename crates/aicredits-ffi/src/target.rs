//! A target of a fleet.

use std::ffi::c_char;

use aicredits::{Scope, Target};
use ffi_support::argument::ArgumentFault;
use ffi_support::text;

use crate::client::aicredits_client;
use crate::failure::Failure;
use crate::scope::{
    AICREDITS_SCOPE_ACCOUNT, AICREDITS_SCOPE_ACCOUNT_AND_SITE, AICREDITS_SCOPE_CREDENTIAL, AICREDITS_SCOPE_SITE,
    account, account_and_site, aicredits_scope_kind, site,
};

/// An account or a site that a fleet reads. Set all fields to zero first, such as with `aicredits_target target = {0};`.
///
/// Plain data of the caller, which aicredits_fleet_start() copies. The layout does not change within a SONAME.
#[repr(C)]
pub struct aicredits_target {
    /// Which ids are sent: AICREDITS_SCOPE_ACCOUNT or one of the following.
    pub scope: aicredits_scope_kind,
    /// The account id; NULL if there is none. With the scope of a site it only says which account owns the site, and is
    /// never sent.
    pub account_id: *const c_char,
    /// The site id; NULL if there is none. Only the scopes that send it may have it.
    pub site_id: *const c_char,
    /// A name for people, such as the customer's, or NULL. It is never sent.
    pub label: *const c_char,
    /// The client to ask with: a key belongs to one account. NULL means the client of the fleet.
    pub client: *const aicredits_client,
    /// The name of the client in the outcome, never a key. It is given if, and only if, client is.
    pub client_name: *const c_char,
    /// Zero.
    pub reserved: [u64; 2],
}

impl aicredits_target {
    /// # Safety
    ///
    /// Each string is NULL or NUL-terminated, and the client is NULL or valid.
    pub(crate) unsafe fn target(&self, index: usize) -> Result<Target, Failure> {
        // SAFETY: by this function's own contract.
        unsafe { self.checked() }.map_err(|fault| Failure::Target(index, fault))
    }

    /// # Safety
    ///
    /// As of `target`.
    unsafe fn checked(&self) -> Result<Target, ArgumentFault> {
        if self.reserved != [0; 2] {
            return Err(ArgumentFault { name: "reserved", fault: "is not zero" });
        }
        // SAFETY: by this function's own contract.
        let mut target = Target::new(unsafe { self.scope() }?);
        if !self.account_id.is_null() {
            // SAFETY: as above.
            target = target.owner(unsafe { text::copy("account_id", self.account_id) }?);
        }
        if !self.label.is_null() {
            // SAFETY: as above.
            target = target.label(unsafe { text::copy("label", self.label) }?);
        }
        // SAFETY: as above.
        match unsafe { self.client.as_ref() } {
            // SAFETY: as above.
            Some(client) => Ok(target.client(unsafe { text::copy("client_name", self.client_name) }?, client.core())),
            None if self.client_name.is_null() => Ok(target),
            None => Err(ArgumentFault { name: "client_name", fault: "is given, but client is NULL" }),
        }
    }

    /// # Safety
    ///
    /// As of `target`.
    unsafe fn scope(&self) -> Result<Scope, ArgumentFault> {
        let is_surplus = || match self.site_id.is_null() {
            true => Ok(()),
            false => Err(ArgumentFault { name: "site_id", fault: "is given, but the scope does not send it" }),
        };
        match self.scope {
            // SAFETY: by this function's own contract.
            AICREDITS_SCOPE_ACCOUNT => is_surplus().and_then(|()| unsafe { account(self.account_id) }),
            // SAFETY: as above.
            AICREDITS_SCOPE_SITE => unsafe { site(self.site_id) },
            // SAFETY: as above.
            AICREDITS_SCOPE_ACCOUNT_AND_SITE => unsafe { account_and_site(self.account_id, self.site_id) },
            AICREDITS_SCOPE_CREDENTIAL => is_surplus().map(|()| Scope::Credential),
            _ => Err(ArgumentFault { name: "scope", fault: "is no AICREDITS_SCOPE_ constant" }),
        }
    }
}
