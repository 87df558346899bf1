//! The ledger, through the actions of the control protocol and through replies.

mod accounts;
mod grants;
mod keys;
mod ledger;
mod spending;
