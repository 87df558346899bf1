//! The result of a decision for the caller. The lock of the gate is free.

use std::sync::Arc;
use std::time::Duration;

use log::Level;

use super::decision::{Decision, Query, Refusal};
use super::reservation::Reservation;
use super::shared::{Shared, SubGate};
use super::state::clamped;
use crate::denial::Denial;
use crate::{Error, ErrorKind};

/// The reservation, or the denial.
pub(super) fn reservation(
    shared: &Arc<Shared>,
    sub_gate: Option<&Arc<SubGate>>,
    query: &Query,
    decision: Decision,
) -> Result<Reservation, Error> {
    match decision {
        Decision::Granted(grant, unchecked) => {
            let reservation = Reservation::new(shared, sub_gate, query, grant);
            if let Some(count) = unchecked {
                let scope = &shared.settings.scope;
                let reservations = if count == 1 { "reservation was" } else { "reservations were" };
                shared.client.record(
                    Level::Warn,
                    format_args!("{count} {reservations} granted although no reading could decide ({scope})"),
                );
            }
            Ok(reservation)
        }
        Decision::Denied(Refusal { reason, grantable, age, story, cause }) => {
            let denial = Denial {
                reason,
                cost: query.ask.unit_cost,
                grantable: grantable.map(clamped),
                age: age.map(Duration::from_nanos),
                label: query.label.clone(),
                outlook: Arc::new(story),
            };
            Err(Error::denied(denial, &shared.settings.scope, cause))
        }
        Decision::Reading => Err(Error::new(ErrorKind::Unexpected, "a decision was lost")),
    }
}
