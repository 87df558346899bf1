package aicredits

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"time"
)

// stored is the format of a balance in caches and queues: the raw reply, the scope, the request id and the times.
type stored struct {
	Reply      json.RawMessage `json:"reply"`
	Scope      *Scope          `json:"scope,omitempty"`
	RequestID  string          `json:"requestId,omitempty"`
	FetchedAt  *time.Time      `json:"fetchedAt,omitempty"`
	ServerDate *time.Time      `json:"serverDate,omitempty"`
}

func (r *reading) store() stored {
	return stored{r.model.json(), r.scope, r.requestID, r.fetchedAt.pointer(), r.serverAt.pointer()}
}

func (s *stored) balance() (*Balance, error) {
	balance, err := fromStored(s.Reply, instantOf(s.FetchedAt), instantOf(s.ServerDate))
	if err != nil {
		return nil, err
	}
	balance.reading.scope, balance.reading.requestID = s.Scope, s.RequestID
	return balance, nil
}

func instantOf(instant *time.Time) optional[time.Time] {
	if instant == nil {
		return optional[time.Time]{}
	}
	return optional[time.Time]{instant.UTC(), true}
}

// MarshalJSON writes a balance for caches, and UnmarshalJSON reads it. The format is an object with the raw reply, the
// scope, the request id, the fetch time and the server's date. A Balance without data is null. encoding/json removes white
// space from the reply and escapes "<", ">" and "&" in its texts. gob keeps each byte. [Balance.JSON] is the raw reply alone.
func (b Balance) MarshalJSON() ([]byte, error) {
	if b.reading == nil {
		return []byte("null"), nil
	}
	return json.Marshal(b.reading.store())
}

// UnmarshalJSON reads the format of MarshalJSON. null changes nothing, as usual in encoding/json. [FromJSON] reads a raw
// reply.
func (b *Balance) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	var form stored
	if err := json.Unmarshal(data, &form); err != nil {
		return &Error{Kind: KindDecode, Message: "not a stored balance: " + escaped(err.Error()), cause: err}
	}
	if form.Reply == nil {
		return &Error{Kind: KindDecode, Message: `not a stored balance: it has no "reply" (FromJSON reads a raw reply)`}
	}
	return b.restore(&form)
}

// GobEncode writes the same format for gob, and keeps each byte of the reply.
func (b Balance) GobEncode() ([]byte, error) {
	var out bytes.Buffer
	if b.reading == nil {
		return nil, nil
	}
	err := gob.NewEncoder(&out).Encode(b.reading.store())
	return out.Bytes(), err
}

// GobDecode reads the format of GobEncode.
func (b *Balance) GobDecode(data []byte) error {
	if len(data) == 0 {
		*b = Balance{}
		return nil
	}
	var form stored
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&form); err != nil {
		return &Error{Kind: KindDecode, Message: "not a stored balance: " + escaped(err.Error()), cause: err}
	}
	return b.restore(&form)
}

func (b *Balance) restore(form *stored) error {
	read, err := form.balance()
	if err == nil {
		*b = *read
	}
	return err
}
