package aicredits

import (
	"iter"
	"slices"
	"time"
)

// Balance is the number of AI credits that an account or a site has left. It is immutable and thread-safe. A copy shares the
// data of the original.
//
// [Client.GetBalance] and [FromJSON] make a Balance, and so do UnmarshalJSON and GobDecode. The native library keeps the
// data, and the breakdown is converted when it is first read. A nil Balance and the zero Balance have no data: their methods
// report that everything is absent. Compare with [Balance.Equal], not with ==.
type Balance struct {
	reading *reading
}

// reading has the parts of a balance that most callers read, and the library's model of the rest.
type reading struct {
	model               model
	periodic, topUp     optional[Credits]
	available           optional[int64]
	isRecognized        bool
	scope               *Scope
	requestID           string
	fetchedAt, serverAt optional[time.Time]
}

// model is the library's balance.
type model interface {
	// json returns a copy.
	json() []byte
	text() string
	// sources converts the breakdown once. The caller must not change it.
	sources() []CreditBalance
	spendable() optional[int64]
	spendableAt(time.Time) optional[int64]
	canAfford(cost uint64) (*decision, *Error)
	affordable(unitCost, wanted uint64) (optional[uint64], *Error)
	nextReset() optional[time.Time]
	nextResetAfter(time.Time) optional[time.Time]
}

// optional is a value that may be absent.
type optional[T comparable] struct {
	value   T
	present bool
}

func (o optional[T]) get() (T, bool) {
	return o.value, o.present
}

func (o optional[T]) pointer() *T {
	if !o.present {
		return nil
	}
	return &o.value
}

func (b *Balance) read() *reading {
	if b == nil || b.reading == nil {
		return &reading{}
	}
	return b.reading
}

// PeriodicCredits are recurring credits, aggregated across all sources. The bool is false if the account has none.
func (b *Balance) PeriodicCredits() (Credits, bool) {
	return b.read().periodic.get()
}

// TopUpCredits are one-time top-up credits, aggregated across all purchases. They do not reset. The bool is false if the
// account has none.
func (b *Balance) TopUpCredits() (Credits, bool) {
	return b.read().topUp.get()
}

// CreditBalanceBreakdown shows the credits of the two pools by source, in the order of the reply. Do not add it to the
// pools. The API returns at most 1,000 sources, so a breakdown of 1,000 sources may be incomplete.
func (b *Balance) CreditBalanceBreakdown() iter.Seq[CreditBalance] {
	return func(yield func(CreditBalance) bool) {
		for _, source := range b.sources() {
			if !yield(source) {
				return
			}
		}
	}
}

func (b *Balance) sources() []CreditBalance {
	if model := b.read().model; model != nil {
		return model.sources()
	}
	return nil
}

// IsRecognized reports whether the reply is a balance: it has a field of a balance, or no field at all. Otherwise the reply
// has no data about credits, and the base URL may be that of another service.
func (b *Balance) IsRecognized() bool {
	return b.read().isRecognized
}

// Available is the sum of the remaining credits of both pools. An absent pool counts as 0. The rules of the breakdown may
// allow less to be spent now. The bool is false if the sum is not known:
//   - a pool is present but lacks its balance;
//   - both pools are absent, but the breakdown has entries;
//   - [Balance.IsRecognized] is false.
func (b *Balance) Available() (int64, bool) {
	return b.read().available.get()
}

// Scope is the account or site of the request. The bool is false if the balance was not fetched.
func (b *Balance) Scope() (Scope, bool) {
	if scope := b.read().scope; scope != nil {
		return *scope, true
	}
	return Scope{}, false
}

// RequestID is the server's id of the request, for questions to Wix; empty if there is none. It is text from the server and
// not escaped.
func (b *Balance) RequestID() string {
	return b.read().requestID
}

// FetchedAt is the time at which the whole reply had arrived, by the local clock. The bool is false if the balance was not
// fetched.
func (b *Balance) FetchedAt() (time.Time, bool) {
	return b.read().fetchedAt.get()
}

// ServerDate is the Date header of the reply. The bool is false if the reply has none.
func (b *Balance) ServerDate() (time.Time, bool) {
	return b.read().serverAt.get()
}

// JSON is a copy of the raw reply, byte for byte, with all fields that Wix may have added; nil if the balance has no data.
func (b *Balance) JSON() []byte {
	if model := b.read().model; model != nil {
		return model.json()
	}
	return nil
}

// Equal reports whether two balances have the same pools and breakdown. It ignores the scope, the request id and the times.
// go-cmp uses it.
func (b Balance) Equal(other Balance) bool {
	one, two := b.read(), other.read()
	return (one.model == nil) == (two.model == nil) && one.isRecognized == two.isRecognized &&
		one.periodic == two.periodic && one.topUp == two.topUp &&
		slices.EqualFunc(b.sources(), other.sources(), CreditBalance.Equal)
}

// String shows the two pools, then the breakdown. Text from the server is escaped.
func (b Balance) String() string {
	if b.reading == nil {
		return "no reading"
	}
	return b.reading.model.text()
}
