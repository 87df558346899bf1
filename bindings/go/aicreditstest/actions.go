package aicreditstest

import (
	"context"
	"encoding/json"
	"runtime"
	"time"
)

// Control runs an action of the control protocol, as POST /_emulator/ACTION does, with the same bytes. A request is one JSON
// object; an empty one is {}. The status is 200, 400, 404 or 409, and the reply is one JSON object. After Close the status
// is 0.
//
// The reply to "state" has the secrets of the keys.
func (e *Emulator) Control(action string, request []byte) (status int, reply []byte) {
	defer runtime.KeepAlive(e)
	return e.native.control(action, request)
}

// State returns the state: clock, keys, accounts, assumptions, limit and faults.
func (e *Emulator) State() (*State, error) {
	return act[State](e, "state", struct{}{})
}

// Reset starts again with a scenario. It clears ledger, faults, journal, verdict and clock, and ends no connection. URL and
// APIKey do not change.
func (e *Emulator) Reset(reset Reset) (*State, error) {
	choice, err := reset.choice()
	if err != nil {
		return nil, err
	}
	return act[State](e, "reset", struct {
		Scenario json.RawMessage `json:"scenario,omitempty"`
	}{choice})
}

// Account adds an account, or extends the one with this id.
func (e *Emulator) Account(account Account) (*AccountAdded, error) {
	return act[AccountAdded](e, "account", account)
}

// Key adds a key, or changes the key of this name.
func (e *Emulator) Key(change KeyChange) (*KeyAdded, error) {
	return act[KeyAdded](e, "key", sentKeyChange{change, change.Secret.Reveal()})
}

// Grant adds an allocation of credits to an account.
func (e *Emulator) Grant(grant Grant) (*Granted, error) {
	return act[Granted](e, "grant", grant)
}

// TopUp adds credits that were bought once.
func (e *Emulator) TopUp(topUp TopUp) (*Granted, error) {
	return act[Granted](e, "top_up", topUp)
}

// Adjust changes a rule.
func (e *Emulator) Adjust(adjust Adjust) error {
	_, err := act[struct{}](e, "adjust", adjust)
	return err
}

// Spend spends credits, all or nothing. If they do not suffice, the error has the code "insufficient": see
// [Error.Insufficient].
func (e *Emulator) Spend(spend Spend) (*Spent, error) {
	return act[Spent](e, "spend", spend)
}

// Clock changes the clock, or reports it.
func (e *Emulator) Clock(change ClockChange) (*Clock, error) {
	return act[Clock](e, "clock", change)
}

// Fault adds a fault.
func (e *Emulator) Fault(fault Fault) (*FaultAdded, error) {
	return act[FaultAdded](e, "fault", fault)
}

// ClearFaults clears a fault, or all of them.
func (e *Emulator) ClearFaults(clear ClearFaults) (*Cleared, error) {
	return act[Cleared](e, "clear_faults", clear)
}

// Limit sets the rate limit. The zero value is no limit.
func (e *Emulator) Limit(limit Limit) error {
	_, err := act[struct{}](e, "limit", limit)
	return err
}

// Assume changes assumptions by name, such as "no_scope" to "401". It returns all of them.
func (e *Emulator) Assume(assumptions map[string]string) (map[string]string, error) {
	if assumptions == nil {
		assumptions = map[string]string{}
	}
	reply, err := act[struct {
		Assumptions map[string]string `json:"assumptions"`
	}](e, "assume", assumptions)
	if err != nil {
		return nil, err
	}
	return reply.Assumptions, nil
}

// Journal lists the requests so far.
func (e *Emulator) Journal(query JournalQuery) (*Journal, error) {
	return act[Journal](e, "journal", query)
}

// Verdict judges the client.
func (e *Emulator) Verdict(query VerdictQuery) (*Verdict, error) {
	return act[Verdict](e, "verdict", query)
}

// Mark separates the calls before it from those after it, for the verdict.
func (e *Emulator) Mark(mark Mark) (*Marked, error) {
	return act[Marked](e, "mark", mark)
}

const (
	defaultWait = 5 * time.Second
	longestWait = 10 * time.Minute
	// The library's wait cannot be cancelled. So a long one is made of short ones, between which ctx and Close are seen.
	waitSlice = 50 * time.Millisecond
)

// Wait waits until so many requests have come in all. It blocks at most for the timeout, which is no error: Reached is then
// false. If ctx ends first, the error is ctx.Err().
func (e *Emulator) Wait(ctx context.Context, wait Wait) (*Waited, error) {
	if wait.Timeout == 0 {
		wait.Timeout = defaultWait
	}
	if wait.Timeout < 0 || wait.Timeout > longestWait {
		// The emulator refuses it.
		return act[Waited](e, "wait", wait)
	}
	for deadline := time.Now().Add(wait.Timeout); ; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		left := time.Until(deadline)
		// At least 1 ms, because 0 ms would be absent in the request.
		wait.Timeout = max(min(left, waitSlice), time.Millisecond)
		waited, err := act[Waited](e, "wait", wait)
		if err != nil || waited.Reached || left <= waitSlice {
			return waited, err
		}
	}
}

// act runs an action with its types.
func act[R any](e *Emulator, action string, request any) (*R, error) {
	sent, err := written(request)
	if err != nil {
		return nil, err
	}
	status, answer := e.Control(action, sent)
	if status != 200 {
		return nil, errorFrom(status, answer)
	}
	reply := new(R)
	if err := json.Unmarshal(answer, reply); err != nil {
		return nil, &Error{Status: status, Code: "unreadable", Message: "this package does not understand the reply of the library: " +
			"install both from one version (" + err.Error() + ")"}
	}
	return reply, nil
}

func written(request any) ([]byte, error) {
	text, err := json.Marshal(request)
	if err != nil {
		return nil, unwritable(err)
	}
	return text, nil
}
