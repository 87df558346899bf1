package aicredits

import (
	"errors"
	"net"
	"time"
)

// Error is why something failed: one small set of kinds, the same in every language, and what is known besides.
//
// errors.Is(err, [ErrUnauthorized]) asks for a kind, and [KindOf] returns it; errors.As gives the rest. It is a
// [net.Error]. The error of a call whose context has ended wraps the context's error and its cause: errors.Is(err,
// context.Canceled) holds, and so does errors.Is(err, context.Cause(ctx)). Its kind then is [KindCancelled], or
// [KindTimeout] where a deadline passed; or what the call had come to by then, such as [KindServer].
type Error struct {
	// Kind says who must act.
	Kind Kind `json:"kind"`
	// Message is the whole story in one line: what happened, what to do, for which scope and request. Server text in it
	// is escaped and bounded.
	Message string `json:"message"`
	// HTTPStatus is the HTTP status; 0 where no reply came.
	HTTPStatus int `json:"httpStatus,omitempty"`
	// Code is Wix's own code, such as "PERMISSION_DENIED". Server text, as it came, as is the next.
	Code string `json:"code,omitempty"`
	// Description is what the server says of the failure.
	Description string `json:"description,omitempty"`
	// FieldViolations are the fields of the request that the server refused.
	FieldViolations []FieldViolation `json:"fieldViolations,omitempty"`
	// Scope is whose credits were asked for; nil where no call was made.
	Scope *Scope `json:"scope,omitempty"`
	// RequestID is the server's id of the request, to quote when asking Wix about it.
	RequestID string `json:"requestId,omitempty"`
	// RetryAfter is how long the server asks to wait before the next call; nil where it does not say.
	RetryAfter *time.Duration `json:"retryAfterNs,omitempty"`
	// IsTransient is whether an equal call may succeed later: after a lost or failed connection, a timeout, HTTP 429,
	// 500, 502, 503 or 504. It is false for a network failure that lasts, such as a proxy that refuses the user's password.
	IsTransient bool `json:"isTransient"`
	// Attempts are what was tried, in order.
	Attempts []Attempt `json:"attempts,omitempty"`

	cause error
}

var _ net.Error = (*Error)(nil)

// FieldViolation is one field of the request that the server refused. All of it is server text, as it came.
type FieldViolation struct {
	// Field is the field's path in the request; empty where the server does not tell.
	Field string `json:"field"`
	// Description is what is wrong with it; empty where the server does not tell.
	Description string `json:"description"`
	// ViolatedRule is the rule's name, such as "REQUIRED_FIELD"; empty where absent.
	ViolatedRule string `json:"violatedRule,omitempty"`
}

// Attempt is one attempt of a call that failed.
type Attempt struct {
	// Phase is how far it came; [PhaseReply] where the reply itself is the failure.
	Phase Phase `json:"phase"`
	// Duration is how long it took, pauses aside.
	Duration time.Duration `json:"durationNs"`
	// HTTPStatus is the HTTP status; 0 where no reply came.
	HTTPStatus int `json:"httpStatus,omitempty"`
	// RequestID is the server's id of the request; empty where no reply told it.
	RequestID string `json:"requestId,omitempty"`
}

// KindOf is the kind of the first [*Error] in err's tree; 0 if there is none.
func KindOf(err error) Kind {
	var failure *Error
	if errors.As(err, &failure) {
		return failure.Kind
	}
	return 0
}

// Retryable reports whether an equal call may succeed later: see [Error.IsTransient]. It is false for the errors of other
// packages, and once the call's context has ended.
func Retryable(err error) bool {
	var failure *Error
	return errors.As(err, &failure) && failure.IsTransient && !failure.contextHasEnded()
}

// Error is the message.
func (e *Error) Error() string {
	return e.Message
}

// Unwrap is the context's error and its cause, if the context has ended; else what the provider of credentials failed with.
func (e *Error) Unwrap() error {
	return e.cause
}

// Timeout reports whether the call's time was up.
func (e *Error) Timeout() bool {
	return e.Kind == KindTimeout
}

// Temporary is IsTransient. [net.Error] has it.
func (e *Error) Temporary() bool {
	return e.IsTransient
}

// Is reports whether target is the sentinel of the error's kind.
func (e *Error) Is(target error) bool {
	sentinel, ok := target.(sentinel)
	return ok && e.Kind == Kind(sentinel)
}

func (e *Error) contextHasEnded() bool {
	_, ended := e.cause.(contextEnd)
	return ended
}

// contextEnd is how a context ended: its error, and its cause if that is another one.
type contextEnd struct{ err, cause error }

func (c contextEnd) Error() string {
	if c.cause == nil {
		return c.err.Error()
	}
	return c.err.Error() + " (" + c.cause.Error() + ")"
}

func (c contextEnd) Unwrap() []error {
	if c.cause == nil {
		return []error{c.err}
	}
	return []error{c.err, c.cause}
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
