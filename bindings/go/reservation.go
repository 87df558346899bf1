package aicredits

// Reservation is a number of credits that a [Gate] has set aside for one action. It is thread-safe.
//
// A reservation ends once:
//   - with [Reservation.Commit], [Reservation.CommitActual] or [Reservation.CommitPart]: the action ran;
//   - with [Reservation.Release]: the action certainly did not run;
//   - with [Reservation.ReportExhausted]: the vendor refused the action for lack of credits.
//
// Otherwise it is unresolved: nobody knows whether the action was charged. It then counts like a commit, but not against a
// limit. A reservation is unresolved after [Reservation.Close], after [WithReservationTTL], and when the garbage collector
// frees it.
//
//	reservation, err := gate.Reserve(ctx, 5)
//	if err != nil {
//		return err
//	}
//	defer reservation.Close()
//	if err := act(ctx); err != nil {
//		return err // Close leaves the reservation unresolved: the action may have been charged.
//	}
//	reservation.Commit()
//
// An end neither fails nor blocks. The first commit counts, also after the reservation has expired or was released. Other
// ends after the first one do nothing and return false. [Reservation.ReportExhausted] has an effect after the reservation has
// expired, too.
type Reservation struct {
	_ noCopy
	nativeReservation
}

// reserved has the parts of a reservation that do not change.
type reserved struct {
	unitCost, count uint64
	label           string
}

// Cost is the number of credits that are still reserved.
func (r *Reservation) Cost() uint64 {
	return r.cost()
}

// Count is the number of actions that the reservation is for. Only [Gate.ReserveUpTo] makes reservations for more than one.
func (r *Reservation) Count() uint64 {
	return r.count
}

// UnitCost is the number of credits that one action costs.
func (r *Reservation) UnitCost() uint64 {
	return r.unitCost
}

// Label is the text of [WithLabel]; empty if there is none.
func (r *Reservation) Label() string {
	return r.label
}

// IsOpen reports whether the reservation has not ended.
func (r *Reservation) IsOpen() bool {
	return r.isOpen()
}

// Commit ends the reservation: the action ran and cost what was reserved. It returns false if the reservation was committed
// or closed before.
func (r *Reservation) Commit() bool {
	return r.commit()
}

// CommitActual ends the reservation: the action ran and cost this much, which may be less or more than what was reserved. It
// returns false if the reservation was committed or closed before. A cost above 2^63 - 1 is an error of the program: the
// reserved cost counts instead, with a warning in the log.
func (r *Reservation) CommitActual(cost uint64) bool {
	return r.commitActual(cost)
}

// CommitPart reports that a part of the action ran and cost this much. The rest stays reserved. It returns false if the
// reservation was committed or closed before. A cost above 2^63 - 1 counts as in [Reservation.CommitActual].
func (r *Reservation) CommitPart(cost uint64) bool {
	return r.commitPart(cost)
}

// Release ends the reservation: the action certainly did not run. Its credits are free at once. It returns false if the
// reservation had ended before.
func (r *Reservation) Release() bool {
	return r.release()
}

// ReportExhausted ends the reservation: the vendor refused the action for lack of credits. Wix answers 428 with the code
// REQUEST_NOT_ELIGIBLE. The gate then denies until it learns of new credits. It returns false if the reservation had ended
// before. It also returns false if the reservation has expired, but the gate then denies all the same.
func (r *Reservation) ReportExhausted() bool {
	return r.reportExhausted()
}

// Close frees the reservation, and leaves it unresolved if it is open. You may call Close again, and after an end. Later ends
// return false. It always returns nil: the result makes Reservation an io.Closer.
func (r *Reservation) Close() error {
	r.close()
	return nil
}
