//! Choices where the API is not documented. Each is a switch.

use serde::{Deserialize, Serialize};

/// A switch, for documents and arguments.
#[derive(Clone, Copy, Debug)]
pub struct Assumption {
    /// Its name.
    pub name: &'static str,
    /// Its meaning.
    pub about: &'static str,
    /// Its values. The first is the default.
    pub values: &'static [&'static str],
}

macro_rules! assumptions {
    ($(#[doc = $about:literal] $name:ident: $type:ident { $(#[doc = $says:literal])? $default:ident = $text:literal $(, $variant:ident = $word:literal)* $(,)? })*) => {
        /// Choices where the API is not documented.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields, default)]
        pub struct Assumptions {
            $(#[doc = $about] pub $name: $type,)*
        }

        /// Changes some of the assumptions.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields, default)]
        pub struct AssumptionsChange {
            $(#[doc = $about] #[serde(skip_serializing_if = "Option::is_none")] pub $name: Option<$type>,)*
        }

        /// The reply to `assume`.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub struct AssumptionsReply {
            /// All of them.
            pub assumptions: Assumptions,
        }

        impl Assumptions {
            /// Every switch.
            pub const ALL: &[Assumption] = &[
                $(Assumption { name: stringify!($name), about: $about.trim_ascii(), values: &[$text $(, $word)*] },)*
            ];

            pub(crate) fn apply(&mut self, change: &AssumptionsChange) {
                $(if let Some(value) = change.$name { self.$name = value; })*
            }
        }

        $(
            #[doc = $about]
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
            #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
            #[allow(missing_docs, reason = "the texts are the values")]
            pub enum $type {
                #[default]
                #[serde(rename = $text)]
                $default,
                $(#[serde(rename = $word)] $variant,)*
            }
        )*
    };
}

assumptions! {
    /// The reply to a request that names neither account nor site, if the key has no context.
    no_scope: NoScope { Status428 = "428", Status401 = "401", Status400 = "400", EmptyBalance = "empty_balance" }
    /// A request that names both an account and a site.
    both_scopes: BothScopes { AccountWins = "account_wins", Status400 = "400" }
    /// A request without a body.
    empty_body: EmptyBody { Accepted = "accepted", Status400 = "400" }
    /// A key after the word `Bearer`.
    bearer: Bearer { Status401 = "401", Accepted = "accepted" }
    /// Ids in the headers that differ from the ledger's by case alone. The ids of control requests are always exact.
    id_case: IdCase { Exact = "exact", Folded = "folded" }
    /// The reply to a missing, unknown or revoked key.
    refused_key: RefusedKey { Status401 = "401", Status403 = "403" }
    /// The reply to an account or a site that does not exist.
    unknown_id: UnknownId { Status404 = "404", Status403 = "403" }
    /// The reply if the key has no access to the account or the site.
    no_access: NoAccess { Status403 = "403", Status404 = "404" }
    /// How an allocation counts in the aggregates.
    aggregate: Aggregate { LongestPeriod = "longest_period", SumOfRules = "sum_of_rules" }
    /// Whether a spend of a site also draws on the credits of its account.
    site_spends_account: SiteSpendsAccount { False = "false", True = "true" }
    /// Whether a 429 has `Retry-After`.
    retry_after_on_429: RetryAfterOn429 { False = "false", True = "true" }
}
