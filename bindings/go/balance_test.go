//go:build cgo && linux

package aicredits_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"

	. "aicredits.example/aicredits"
)

func fromJSON(t *testing.T, reply string) *Balance {
	t.Helper()
	balance, err := FromJSON([]byte(reply))
	if err != nil {
		t.Fatal(err)
	}
	return balance
}

// JSON and gob keep the scope and the times of a balance.
func TestAStoredBalanceIsComplete(t *testing.T) {
	const reply = `{ "periodicCredits": {"balance": 9007199254740993, "cap": 9}, "new": "<&>\u2028\ud83d\ude00" }`
	server := answering(t, answer(reply))
	for _, option := range []CallOption{ForAccount("a-1"), ForSite("s-1"), ForAccountAndSite("a-1", "s-1"), ForCredential()} {
		client := server.Client(t, WithAuthorization("Bearer canary-token"))
		balance, err := client.GetBalance(background, option)
		if err != nil {
			t.Fatal(err)
		}
		for name, again := range map[string]*Balance{"json": throughJSON(t, balance), "gob": throughGob(t, balance)} {
			if !again.Equal(*balance) || again.RequestID() != balance.RequestID() || again.String() != balance.String() {
				t.Error(name, again)
			}
			for _, values := range [][2]any{
				pair(balance.Scope, again.Scope), pair(balance.FetchedAt, again.FetchedAt), pair(balance.ServerDate, again.ServerDate),
				pair(balance.Available, again.Available),
			} {
				if values[0] != values[1] || !strings.Contains(fmt.Sprint(values[0]), "true") {
					t.Error(name, values)
				}
			}
			if name == "gob" && string(again.JSON()) != reply {
				t.Error(string(again.JSON()))
			}
			if twice := throughJSON(t, again); !bytes.Equal(marshal(t, twice), marshal(t, balance)) {
				t.Error(name, string(marshal(t, twice)))
			}
		}
	}
}

func pair[T any](one, two func() (T, bool)) [2]any {
	shown := func(read func() (T, bool)) any { value, has := read(); return fmt.Sprint(value, has) }
	return [2]any{shown(one), shown(two)}
}

func marshal(t *testing.T, value any) []byte {
	t.Helper()
	written, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return written
}

func throughJSON(t *testing.T, balance *Balance) *Balance {
	t.Helper()
	var again Balance
	if err := json.Unmarshal(marshal(t, balance), &again); err != nil {
		t.Fatal(err)
	}
	return &again
}

func throughGob(t *testing.T, balance *Balance) *Balance {
	t.Helper()
	var out bytes.Buffer
	var again struct{ B Balance }
	if err := gob.NewEncoder(&out).Encode(struct{ B Balance }{*balance}); err != nil {
		t.Fatal(err)
	}
	if err := gob.NewDecoder(&out).Decode(&again); err != nil {
		t.Fatal(err)
	}
	return &again.B
}

// encoding/json writes "<" as six bytes, so a stored balance may be above the limit of the reply.
func TestAStoredBalanceMayBeLargerThanTheReply(t *testing.T) {
	balance := fromJSON(t, `{"topUpCredits":{"balance":7},"new":"`+strings.Repeat("<", 7<<20)+`"}`)
	if written := marshal(t, balance); len(written) < 40<<20 {
		t.Error(len(written))
	}
	for _, again := range []*Balance{throughJSON(t, balance), throughGob(t, balance)} {
		if !again.Equal(*balance) {
			t.Error("it is another")
		}
	}
}

func TestABalanceIsEncodedByValueToo(t *testing.T) {
	const reply = `{"periodicCredits":{"balance":5,"cap":9},"new":true}`
	const form = `{"reply":` + reply + `}`
	balance := fromJSON(t, reply)
	for want, value := range map[string]any{
		form:                 *balance,
		"[" + form + "]":     []Balance{*balance},
		`{"a":` + form + "}": map[string]Balance{"a": *balance},
		`{"B":null}`:         struct{ B *Balance }{},
		"null":               Balance{},
	} {
		if got := string(marshal(t, value)); got != want {
			t.Error(got)
		}
	}
	if shown := fmt.Sprint(*balance, (*Balance)(nil)); shown != "recurring: 5 of 9\ntop-up: none <nil>" {
		t.Error(shown)
	}
	kept := *balance
	if err := json.Unmarshal([]byte("null"), &kept); err != nil || !kept.Equal(*balance) {
		t.Error(kept, err)
	}
	for _, bad := range []string{reply, `{"reply":null}`, `{"reply":[]}`, `{"reply":{},"scope":7}`, `{"reply":{},"fetchedAt":"x"}`, "7", "{}"} {
		if err := json.Unmarshal([]byte(bad), &kept); !errors.Is(err, ErrDecode) || !kept.Equal(*balance) {
			t.Error(bad, err)
		}
	}
	if err := kept.GobDecode([]byte("nonsense")); !errors.Is(err, ErrDecode) {
		t.Error(err)
	}
}

// Every method works on nil and on the zero value.
func TestANilOrZeroBalanceHasNoData(t *testing.T) {
	for _, balance := range []*Balance{nil, {}} {
		value := reflect.ValueOf(balance)
		for i := range value.NumMethod() {
			name, method := value.Type().Method(i).Name, value.Method(i)
			if balance == nil && (name == "String" || name == "MarshalJSON" || name == "GobEncode") || method.Type().NumIn() != 0 {
				continue // fmt, encoding/json and gob ask none of a nil pointer.
			}
			results := method.Call(nil)
			if last := results[len(results)-1]; last.Kind() == reflect.Bool && last.Bool() {
				t.Error(name, "is known")
			}
		}
		for range balance.CreditBalanceBreakdown() {
			t.Error("a source")
		}
		if balance.JSON() != nil || balance.RequestID() != "" {
			t.Error(balance)
		}
	}
	if (Balance{}).Equal(*fromJSON(t, "{}")) || !(Balance{}).Equal(Balance{}) || (Balance{}).String() != "no reading" {
		t.Error("the zero Balance")
	}
	if again := throughGob(t, &Balance{}); !again.Equal(Balance{}) {
		t.Error(again)
	}
}

// go-cmp uses an Equal method. Without one it panics on unexported fields.
func TestBalancesAreCompared(t *testing.T) {
	for _, kind := range []reflect.Type{
		reflect.TypeFor[Balance](), reflect.TypeFor[Credits](), reflect.TypeFor[CreditBalance](), reflect.TypeFor[UsageRule](),
	} {
		method, has := kind.MethodByName("Equal")
		if !has || method.Type.In(1) != kind || kind.NumField() == 0 || kind.Field(0).IsExported() {
			t.Error(kind)
		}
	}
	replies := []string{
		"{}", `{"status":"down"}`, `{"periodicCredits":{}}`, `{"periodicCredits":{"balance":1}}`, `{"periodicCredits":{"cap":1}}`, `{"topUpCredits":{"balance":1}}`,
		`{"creditBalanceBreakdown":[{}]}`, `{"creditBalanceBreakdown":[{},{}]}`, `{"creditBalanceBreakdown":[{"subscriptionId":"s"}]}`,
		`{"creditBalanceBreakdown":[{"usageRules":[{}]}]}`, `{"creditBalanceBreakdown":[{"usageRules":[{"period":"DAY"}]}]}`,
		`{"creditBalanceBreakdown":[{"usageRules":[{"balance":0}]}]}`,
		`{"creditBalanceBreakdown":[{"usageRules":[{"resetDate":"0001-01-01T00:00:00Z"}]}]}`,
	}
	for i, one := range replies {
		for j, two := range replies {
			if fromJSON(t, one).Equal(*fromJSON(t, two)) != (i == j) {
				t.Error(one, two)
			}
		}
	}
	if !fromJSON(t, `{"new":1,"topUpCredits":{}}`).Equal(*fromJSON(t, ` {"topUpCredits":{}}`)) {
		t.Error("the text counts")
	}
}

// Many goroutines read the breakdown at the same time, while the garbage collector runs.
func TestALargeBreakdownIsConvertedOnce(t *testing.T) {
	source := `{"subscriptionId":"s","usageRules":[{"period":"MONTH"},{"period":"NEW"}]},`
	balance := fromJSON(t, `{"creditBalanceBreakdown":[`+strings.Repeat(source, 999)+source[:len(source)-1]+`]}`)
	var group sync.WaitGroup
	first := make([]*CreditBalance, 8)
	for i := range first {
		group.Add(1)
		go func() {
			defer group.Done()
			first[i] = &balance.Sources()[0]
			runtime.GC()
			if len(rulesOf(balance)) != 2000 || len(balance.String()) < 10000 {
				t.Error("rules are missing")
			}
		}()
	}
	group.Wait()
	for _, each := range first {
		if each != first[0] {
			t.Error("it was converted twice")
		}
	}
}

// A balance does not depend on its client.
func TestABalanceOutlivesItsClient(t *testing.T) {
	client := answering(t, answer(`{"topUpCredits":{"balance":7},"creditBalanceBreakdown":[{"subscriptionId":"s"}]}`)).Client(t)
	balance, err := client.GetBalance(background)
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
	credits, _ := balance.TopUpCredits()
	if count, _ := credits.Balance(); count != 7 || len(balance.Sources()) != 1 || len(balance.JSON()) == 0 || !strings.Contains(balance.String(), "7") {
		t.Error(balance)
	}
}

// The garbage collector does not see native memory, but must run before there is too much.
func TestUnreachableBalancesAreFreed(t *testing.T) {
	reply := `{"new":"` + strings.Repeat("x", 4<<20) + `"}`
	eventually(t, "the balances of earlier tests are freed", func() bool { runtime.GC(); return Held() < 1<<20 })
	most := int64(0)
	for range 200 {
		fromJSON(t, reply)
		most = max(most, Held())
	}
	if total := int64(200 * NativeBytesPerReplyByte * len(reply)); most > total/2 {
		t.Error(most, "bytes were held of", total)
	}
	eventually(t, "all is free", func() bool { runtime.GC(); return Held() < 1<<20 })
}
