package aicredits

import "time"

// GateState has the figures of a [Gate] at one moment, for monitoring. It is plain data.
type GateState struct {
	grantable, estimate, spendable optional[int64]
	limit                          optional[uint64]
	age                            optional[time.Duration]
	exhaustedSince                 optional[time.Time]

	reserved, used                            uint64
	granted, denied, unchecked, wouldBeDenied uint64
	reservations                              []OpenReservation
}

// OpenReservation is a reservation of a gate that has not ended.
type OpenReservation struct {
	// Label is the text of [WithLabel]; empty if there is none.
	Label string
	// Cost is the number of credits that are still reserved.
	Cost uint64
	// Age is the time since the gate granted the reservation.
	Age time.Duration
}

// Grantable is the number of credits that the gate would grant: the estimate less the open reservations and the headroom. It
// is at most what the limits of the gate and its parent allow. The bool is false without a reading.
func (s GateState) Grantable() (int64, bool) {
	return s.grantable.get()
}

// Estimate is the number of credits that are left, before the open reservations. The bool is false without a reading.
func (s GateState) Estimate() (int64, bool) {
	return s.estimate.get()
}

// Spendable is [Balance.Spendable] of the reading in force. The bool is false if it is not known.
func (s GateState) Spendable() (int64, bool) {
	return s.spendable.get()
}

// Reserved is the number of credits of open reservations.
func (s GateState) Reserved() uint64 {
	return s.reserved
}

// Age is the age of the reading in force. The bool is false without a reading.
func (s GateState) Age() (time.Duration, bool) {
	return s.age.get()
}

// Granted is the number of reservations that the gate granted.
func (s GateState) Granted() uint64 {
	return s.granted
}

// Denied is the number of reservations that the gate denied.
func (s GateState) Denied() uint64 {
	return s.denied
}

// Unchecked is the number of reservations that the gate granted although no reading could decide.
func (s GateState) Unchecked() uint64 {
	return s.unchecked
}

// WouldBeDenied is the number of reservations that a gate with [WithDryRun] granted and would have denied.
func (s GateState) WouldBeDenied() uint64 {
	return s.wouldBeDenied
}

// ExhaustedSince is the time since which the gate denies because the vendor refused an action. The bool is false if it does
// not.
func (s GateState) ExhaustedSince() (time.Time, bool) {
	return s.exhaustedSince.get()
}

// Limit is the limit of the gate. The bool is false if there is none.
func (s GateState) Limit() (uint64, bool) {
	return s.limit.get()
}

// Used is the number of credits that count against the limit: commits and open reservations.
func (s GateState) Used() uint64 {
	return s.used
}

// Reservations are the open reservations, oldest first.
func (s GateState) Reservations() []OpenReservation {
	return s.reservations
}
