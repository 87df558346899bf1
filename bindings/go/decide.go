package aicredits

import "time"

// Spendable is the number of credits that can be spent now, under all rules of the breakdown. The bool is false if the number
// is not known, which is neither 0 nor unlimited.
//
// Each source allows the least of its rule balances. The result is the sum of the sources, and never more than
// [Balance.Available]. It assumes that one action may draw on several sources.
func (b *Balance) Spendable() (int64, bool) {
	if model := b.read().model; model != nil {
		return model.spendable().get()
	}
	return 0, false
}

// SpendableAt is the number of credits that can be spent at a time, if nobody spends until then and the known resets happen. A
// time before the reading counts as the time of the reading. The bool is false in these cases:
//   - [Balance.Spendable] is not known;
//   - the reply has no breakdown;
//   - a rule that resets lacks its cap.
func (b *Balance) SpendableAt(at time.Time) (int64, bool) {
	if model := b.read().model; model != nil {
		return model.spendableAt(at).get()
	}
	return 0, false
}

// CanAfford answers whether an action of this cost can be paid now. A cost that equals the spendable credits can be paid, and
// a cost of 0 always can. A nil error is not a yes: see [Affordability.OK].
//
// A balance is a hint: other programs spend from the same credits, and the vendor's refusal is final. If goroutines spend at
// the same time, use a [Gate].
//
// The error is [ErrInvalidArgument] if the cost exceeds 2^63-1, or if the balance has no data.
func (b *Balance) CanAfford(cost uint64) (Affordability, error) {
	model := b.read().model
	if model == nil {
		return Affordability{}, withoutData()
	}
	decision, failure := model.canAfford(cost)
	if failure != nil {
		return Affordability{}, failure
	}
	return Affordability{decision}, nil
}

// Affordable is the number of actions that can be paid now, of wanted actions that each cost unitCost. The bool is false if
// the number is not known.
//
// The error is [ErrInvalidArgument] if unitCost or wanted exceeds 2^63-1, or if the balance has no data.
func (b *Balance) Affordable(unitCost, wanted uint64) (uint64, bool, error) {
	model := b.read().model
	if model == nil {
		return 0, false, withoutData()
	}
	count, failure := model.affordable(unitCost, wanted)
	if failure != nil {
		return 0, false, failure
	}
	return count.value, count.present, nil
}

// NextReset is the time of the earliest reset after the reading that can bring credits: of a rule that replenishes, and is
// below its cap or lacks a count. The bool is false if there is none. It is also false if the balance has neither
// [Balance.ServerDate] nor [Balance.FetchedAt]: use [Balance.NextResetAfter].
func (b *Balance) NextReset() (time.Time, bool) {
	if model := b.read().model; model != nil {
		return model.nextReset().get()
	}
	return time.Time{}, false
}

// NextResetAfter is [Balance.NextReset] after another time than that of the reading.
func (b *Balance) NextResetAfter(after time.Time) (time.Time, bool) {
	if model := b.read().model; model != nil {
		return model.nextResetAfter(after).get()
	}
	return time.Time{}, false
}

func withoutData() *Error {
	return &Error{Kind: KindInvalidArgument, Message: "the balance has no data"}
}
