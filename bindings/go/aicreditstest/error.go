package aicreditstest

import (
	"encoding/json"
	"fmt"
)

// Error is the error of [Start] and of every action: the emulator refused the request, and changed nothing.
type Error struct {
	// Status is the HTTP status that the same request has over HTTP: 400, 404 or 409. It is 500 if the emulator cannot
	// listen, and 0 if it is closed or if this program has no emulator.
	Status int
	// Code is a word for programs, such as "unknown_account" or "insufficient".
	Code string
	// Message is a sentence for people: what is wrong, and what to do.
	Message string
	// Pointer is a JSON Pointer (RFC 6901) to the member of the request that is wrong; empty if there is none.
	Pointer string
	// Details are further members of the reply, by name: see [Error.Insufficient].
	Details map[string]json.RawMessage
}

// Insufficient are the details of a spend for which the credits do not suffice.
type Insufficient struct {
	// Cost is the cost of the spend.
	Cost int64 `json:"cost"`
	// Spendable is the number of credits that all rules allow.
	Spendable int64 `json:"spendable"`
	// Binding are the rules that allow no more.
	Binding []Binding `json:"binding"`
}

// Binding is a rule that allows no more.
type Binding struct {
	// Allocation is the name of the allocation.
	Allocation string `json:"allocation"`
	// Rule is the index of the rule.
	Rule int `json:"rule"`
}

const (
	statusClosed = 0
	codeClosed   = "closed"
	codeInvalid  = "invalid_request"
)

// Error is the code and the message, and the place in the request if one member is wrong.
func (e *Error) Error() string {
	text := fmt.Sprintf("aicreditstest: %s: %s", e.Code, e.Message)
	if e.Pointer != "" {
		text += fmt.Sprintf(" (at %s)", e.Pointer)
	}
	return text
}

// Insufficient returns the details of a spend that was refused for lack of credits. It reports false for any other error.
func (e *Error) Insufficient() (details Insufficient, ok bool) {
	if e.Code != "insufficient" {
		return details, false
	}
	written, err := json.Marshal(e.Details)
	return details, err == nil && json.Unmarshal(written, &details) == nil
}

// problem is the member "error" of a reply.
type problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Pointer string `json:"pointer,omitempty"`
}

// errorFrom reads the body of a refusal.
func errorFrom(status int, reply []byte) *Error {
	failure := &Error{Status: status}
	var body struct {
		Error problem `json:"error"`
	}
	if json.Unmarshal(reply, &body) != nil || json.Unmarshal(reply, &failure.Details) != nil || body.Error.Message == "" {
		// Text instead of an object.
		failure.Code, failure.Message = "unknown", string(reply)
		return failure
	}
	delete(failure.Details, "error")
	failure.Code, failure.Message, failure.Pointer = body.Error.Code, body.Error.Message, body.Error.Pointer
	return failure
}

// refusal is a reply that this package makes itself, in the form of the emulator's.
func refusal(status int, code, message string) (int, []byte) {
	reply, _ := json.Marshal(map[string]problem{"error": {Code: code, Message: message}})
	return status, reply
}
