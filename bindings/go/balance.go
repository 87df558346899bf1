package aicredits

import (
	"iter"
	"slices"
	"time"
)

// Balance is what an account or a site has left: one reading, which never changes. Made by [Client.GetBalance],
// [FromJSON], and by reading what its MarshalJSON or GobEncode wrote. A copy is the same reading. Its methods are
// thread-safe. The methods that read it may be called on nil and on the zero Balance, which know nothing.
//
// The library keeps the reading and converts it when asked, once. [Balance.Equal] compares two readings; == does not.
type Balance struct {
	reading *reading
}

// reading is the part of a reading that each caller asks for, and the library's model of the whole.
type reading struct {
	model               model
	periodic, topUp     optional[Credits]
	available           optional[int64]
	isRecognized        bool
	scope               *Scope
	requestID           string
	fetchedAt, serverAt optional[time.Time]
}

// model is the library's side of a reading.
type model interface {
	// json is a copy.
	json() []byte
	text() string
	// sources is converted once, and not to be written to.
	sources() []CreditBalance
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

// PeriodicCredits are recurring credits, aggregated across all sources; false when the account has none.
func (b *Balance) PeriodicCredits() (Credits, bool) {
	return b.read().periodic.get()
}

// TopUpCredits are one-time top-up credits, aggregated across all purchases; false when the account has none. They don't
// reset.
func (b *Balance) TopUpCredits() (Credits, bool) {
	return b.read().topUp.get()
}

// CreditBalanceBreakdown has the same credits by source, in the reply's order: a detailed view of the two pools, never to
// be added to them. The API's page limits it to 1,000 sources; a breakdown at that limit may have been cut.
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

// IsRecognized reports whether the reply is a balance: it has a field of a balance, or no field at all. False means that
// the reply says nothing of credits: the base URL may lead to another service.
func (b *Balance) IsRecognized() bool {
	return b.read().isRecognized
}

// Available is the remaining credits of both pools, an absent pool counted as none. It is what the account holds, not what
// can be spent now: rules of the breakdown may let less through. It is false if the sum is not known:
//   - a pool is there but lacks its balance;
//   - both pools are absent, but the breakdown has entries;
//   - [Balance.IsRecognized] is false.
func (b *Balance) Available() (int64, bool) {
	return b.read().available.get()
}

// Scope is whose credits were asked for; false for a reading that was not fetched.
func (b *Balance) Scope() (Scope, bool) {
	if scope := b.read().scope; scope != nil {
		return *scope, true
	}
	return Scope{}, false
}

// RequestID is the server's id of the request, to quote when asking Wix about it; empty where there is none. Server text,
// as it came.
func (b *Balance) RequestID() string {
	return b.read().requestID
}

// FetchedAt is when the reply had come in, by this machine's clock; false for a reading that was not fetched.
func (b *Balance) FetchedAt() (time.Time, bool) {
	return b.read().fetchedAt.get()
}

// ServerDate is the server's clock at the reply, to the second; false where the reply had no date.
func (b *Balance) ServerDate() (time.Time, bool) {
	return b.read().serverAt.get()
}

// JSON is a copy of the raw reply, byte for byte, so that nothing which Wix adds is lost; nil if nothing was read.
func (b *Balance) JSON() []byte {
	if model := b.read().model; model != nil {
		return model.json()
	}
	return nil
}

// Equal reports whether two readings have the same figures, whenever and for whomever they were fetched. It has the form
// that go-cmp looks for.
func (b Balance) Equal(other Balance) bool {
	one, two := b.read(), other.read()
	return (one.model == nil) == (two.model == nil) && one.isRecognized == two.isRecognized &&
		one.periodic == two.periodic && one.topUp == two.topUp &&
		slices.EqualFunc(b.sources(), other.sources(), CreditBalance.Equal)
}

// String shows the two pools, and the breakdown below, with server text escaped.
func (b Balance) String() string {
	if b.reading == nil {
		return "no reading"
	}
	return b.reading.model.text()
}
