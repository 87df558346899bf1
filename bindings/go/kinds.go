package aicredits

// #include "native.h"
import "C"

// Kind says who must act on an [Error].
type Kind int32

// The kinds, the same in every language.
const (
	KindInvalidArgument Kind = C.AICREDITS_STATUS_INVALID_ARGUMENT // A setting or an argument is wrong; the message names it.
	KindUnauthorized    Kind = C.AICREDITS_STATUS_UNAUTHORIZED     // HTTP 401: the key is missing, wrong or withdrawn.
	KindForbidden       Kind = C.AICREDITS_STATUS_FORBIDDEN        // HTTP 403: the key lacks access to what was asked for.
	KindNotFound        Kind = C.AICREDITS_STATUS_NOT_FOUND        // HTTP 404.
	KindBadRequest      Kind = C.AICREDITS_STATUS_BAD_REQUEST      // Any other HTTP 4xx.
	KindRateLimited     Kind = C.AICREDITS_STATUS_RATE_LIMITED     // HTTP 429: too many requests.
	KindServer          Kind = C.AICREDITS_STATUS_SERVER           // Any HTTP 5xx.
	KindNetwork         Kind = C.AICREDITS_STATUS_NETWORK          // DNS, refused, unreachable, or the connection was lost.
	KindTLS             Kind = C.AICREDITS_STATUS_TLS              // A certificate or the TLS handshake.
	KindProtocol        Kind = C.AICREDITS_STATUS_PROTOCOL         // Not the HTTP that was asked for.
	KindDecode          Kind = C.AICREDITS_STATUS_DECODE           // A complete reply that is no balance.
	KindTooLarge        Kind = C.AICREDITS_STATUS_TOO_LARGE        // The reply's head or body is over its limit.
	KindTimeout         Kind = C.AICREDITS_STATUS_TIMEOUT          // The call's time is up.
	KindCancelled       Kind = C.AICREDITS_STATUS_CANCELLED        // The call was cancelled.
	KindClosed          Kind = C.AICREDITS_STATUS_CLOSED           // The client is closed.
	KindDenied          Kind = C.AICREDITS_STATUS_DENIED           // A credit gate refused.
	KindPanic           Kind = C.AICREDITS_STATUS_PANIC            // A bug in the library was caught.
	KindUnexpected      Kind = C.AICREDITS_STATUS_UNEXPECTED       // Something that should not be able to happen.
)

// String is the kind's name in every language, such as "UNAUTHORIZED".
func (k Kind) String() string {
	return C.GoString(C.aicredits_status_name(C.aicredits_status(k)))
}

// Phase is how far an attempt came.
type Phase int32

// The phases. A later version may add to them.
const (
	PhaseUnknown    Phase = C.AICREDITS_PHASE_UNKNOWN    // One that this version does not know.
	PhaseQueue      Phase = C.AICREDITS_PHASE_QUEUE      // It had not begun.
	PhaseCredential Phase = C.AICREDITS_PHASE_CREDENTIAL // The supplier was asked for a credential.
	PhaseResolve    Phase = C.AICREDITS_PHASE_RESOLVE    // The host's addresses were looked up.
	PhaseConnect    Phase = C.AICREDITS_PHASE_CONNECT    // A TCP connection was opened.
	PhaseProxy      Phase = C.AICREDITS_PHASE_PROXY      // A proxy was asked to lead on.
	PhaseTLS        Phase = C.AICREDITS_PHASE_TLS        // The TLS handshake.
	PhaseSend       Phase = C.AICREDITS_PHASE_SEND       // The request was sent.
	PhaseHead       Phase = C.AICREDITS_PHASE_HEAD       // The reply's head was awaited.
	PhaseBody       Phase = C.AICREDITS_PHASE_BODY       // The reply's body was read.
	PhaseReply      Phase = C.AICREDITS_PHASE_REPLY      // The reply was there, whole.
	PhasePause      Phase = C.AICREDITS_PHASE_PAUSE      // The time between two attempts.
)

// String is the phase's name in every language, such as "CONNECT".
func (p Phase) String() string {
	return C.GoString(C.aicredits_phase_name(C.aicredits_phase(p)))
}
