//go:build cgo

package aicredits

import "time"

// Error is why something failed: one small set of kinds, the same in every language, and what is known besides.
//
// errors.Is(err, [ErrUnauthorized]) asks for a kind; errors.As gives the rest. The error of a call whose context has ended
// wraps the context's own: errors.Is(err, context.Canceled) holds. Its kind then is [KindCancelled], or [KindTimeout]
// where a deadline passed; or what the call had come to by then, such as [KindServer].
type Error struct {
	// Kind says who must act.
	Kind Kind
	// Message is the whole story in one line: what happened, what to do, for which scope and request. Server text in it
	// is escaped and bounded.
	Message string
	// HTTPStatus is the HTTP status; 0 where no reply came.
	HTTPStatus int
	// Code is Wix's own code, such as "PERMISSION_DENIED". Server text, as it came, as is the next.
	Code string
	// Description is what the server says of the failure.
	Description string
	// FieldViolations are the fields of the request that the server refused.
	FieldViolations []FieldViolation
	// Scope is whose credits were asked for; nil where no call was made.
	Scope *Scope
	// RequestID is the server's id of the request, to quote when asking Wix about it.
	RequestID string
	// RetryAfter is how long the server asks to wait before the next call; nil where it does not say.
	RetryAfter *time.Duration
	// IsTransient is whether an equal call may succeed later: after a lost or failed connection, a timeout, HTTP 429,
	// 500, 502, 503 or 504. It is false for a network failure that lasts, such as a proxy that refuses the user's password.
	IsTransient bool
	// Attempts are what was tried, in order.
	Attempts []Attempt

	cause error
}

// FieldViolation is one field of the request that the server refused. All of it is server text, as it came.
type FieldViolation struct {
	// Field is the field's path in the request; empty where the server does not tell.
	Field string
	// Description is what is wrong with it; empty where the server does not tell.
	Description string
	// ViolatedRule is the rule's name, such as "REQUIRED_FIELD"; empty where absent.
	ViolatedRule string
}

// Attempt is one attempt of a call that failed.
type Attempt struct {
	// Phase is how far it came; [PhaseReply] where the reply itself is the failure.
	Phase Phase
	// Duration is how long it took, pauses aside.
	Duration time.Duration
	// HTTPStatus is the HTTP status; 0 where no reply came.
	HTTPStatus int
	// RequestID is the server's id of the request; empty where no reply told it.
	RequestID string
}

// Error is the message.
func (e *Error) Error() string {
	return e.Message
}

// Unwrap is the context's error, if that ended the call; else what the supplier of credentials failed with.
func (e *Error) Unwrap() error {
	return e.cause
}

// Timeout tells whether the call's time was up, as errors of package net do.
func (e *Error) Timeout() bool {
	return e.Kind == KindTimeout
}

// Is tells whether target is the sentinel of the error's kind.
func (e *Error) Is(target error) bool {
	sentinel, ok := target.(sentinel)
	return ok && e.Kind == Kind(sentinel)
}

// The kinds, for errors.Is.
var (
	ErrInvalidArgument error = sentinel(KindInvalidArgument)
	ErrUnauthorized    error = sentinel(KindUnauthorized)
	ErrForbidden       error = sentinel(KindForbidden)
	ErrNotFound        error = sentinel(KindNotFound)
	ErrBadRequest      error = sentinel(KindBadRequest)
	ErrRateLimited     error = sentinel(KindRateLimited)
	ErrServer          error = sentinel(KindServer)
	ErrNetwork         error = sentinel(KindNetwork)
	ErrTLS             error = sentinel(KindTLS)
	ErrProtocol        error = sentinel(KindProtocol)
	ErrDecode          error = sentinel(KindDecode)
	ErrTooLarge        error = sentinel(KindTooLarge)
	ErrTimeout         error = sentinel(KindTimeout)
	ErrCancelled       error = sentinel(KindCancelled)
	ErrClosed          error = sentinel(KindClosed)
	ErrDenied          error = sentinel(KindDenied)
	ErrPanic           error = sentinel(KindPanic)
	ErrUnexpected      error = sentinel(KindUnexpected)
)

type sentinel Kind

func (s sentinel) Error() string {
	return "aicredits: " + Kind(s).String()
}
