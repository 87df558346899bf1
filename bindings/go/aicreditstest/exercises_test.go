//go:build cgo && linux

package aicreditstest

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"aicredits.example/aicredits"
)

var july = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)

// exercises has a test for each action, by the name of its wrapper.
var exercises = map[string]func(*testing.T, *Emulator){
	"State": func(t *testing.T, e *Emulator) {
		state := must[State](t)(e.State())
		if state.Version != 1 || state.URL != e.URL() || state.CAPEM != "" || state.Requests != 0 || len(state.Assumptions) < 11 {
			t.Errorf("%+v", state)
		}
		if !state.Clock.Now.Equal(june) || state.Clock.Mode != ClockFrozen || state.Clock.Speed != 1 {
			t.Errorf("%+v", state.Clock)
		}
		if key := state.Keys[0]; key.Name != "example" || key.Secret.Reveal() != e.APIKey() || key.Accounts[0] != e.AccountID() {
			t.Errorf("%+v", key)
		}
		account := state.Accounts[0]
		monthly := account.Allocations[0]
		rule := monthly.Rules[0]
		if account.Account != e.AccountID() || account.Sites[0].Site != e.SiteID() || monthly.Site != e.SiteID() || monthly.Subscription == "" {
			t.Errorf("%+v", account)
		}
		if rule.Period != aicredits.PeriodMonth || rule.Balance != 850 || *rule.Shown != 850 || rule.Cap != 1000 || !rule.ResetDate.Equal(july) {
			t.Errorf("%+v", rule)
		}
	},
	"Reset": func(t *testing.T, e *Emulator) {
		begun := must[State](t)(e.State())
		state := must[State](t)(e.Reset(Reset{Name: "free-plan"}))
		if len(state.Accounts[0].Allocations[0].Rules) != 2 || state.URL != e.URL() {
			t.Errorf("%+v", state)
		}
		_, raw := e.Control("state", nil)
		for name, reset := range map[string]Reset{"State": {State: state}, "JSON": {JSON: raw}} {
			must[Granted](t)(e.TopUp(TopUp{Amount: 1}))
			if again := timeless(must[State](t)(e.Reset(reset))); !reflect.DeepEqual(again, timeless(state)) {
				t.Errorf("%s: %+v\n%+v", name, again, state)
			}
		}
		if again := timeless(must[State](t)(e.Reset(Reset{}))); !reflect.DeepEqual(again, timeless(begun)) {
			t.Errorf("%+v", again)
		}
		_, err := e.Reset(Reset{Name: "no such one"})
		refused(t, err, 404, "unknown_scenario")
		_, err = e.Reset(Reset{Name: "example", JSON: raw})
		refused(t, err, 400, "invalid_request")
	},
	"Account": func(t *testing.T, e *Emulator) {
		const shop, site = "0a1b2c3d-0000-4000-8000-0000000000a1", "0a1b2c3d-0000-4000-8000-0000000000b1"
		if added := must[AccountAdded](t)(e.Account(Account{Account: shop, Label: "Shop", Sites: []Site{{Site: site}}})); added.Account != shop {
			t.Error(added)
		}
		must[KeyAdded](t)(e.Key(KeyChange{Name: "example", Accounts: []string{e.AccountID(), shop}}))
		must[Granted](t)(e.TopUp(TopUp{Account: shop, Amount: 7}))
		if credits := spendable(t, e.Client(t), aicredits.ForAccount(shop)); credits != 7 {
			t.Error(credits)
		}
		accounts := must[State](t)(e.State()).Accounts
		if added := accounts[len(accounts)-1]; added.Label != "Shop" || len(added.Sites) != 1 || added.Sites[0].Site != site {
			t.Errorf("%+v", added)
		}
	},
	"Key": func(t *testing.T, e *Emulator) {
		secret := NewSecret("IST.a-key-of-the-test-canary")
		added := must[KeyAdded](t)(e.Key(KeyChange{Name: "mine", Secret: secret, Accounts: []string{e.AccountID()}}))
		if added.Name != "mine" || added.Secret != secret {
			t.Error(added)
		}
		client := e.Client(t, aicredits.WithAPIKey(secret.Reveal()))
		if credits := spendable(t, client); credits != 1050 {
			t.Error(credits)
		}
		must[KeyAdded](t)(e.Key(KeyChange{Name: "mine", Revoked: Ptr(true)}))
		if _, kind := read(client); kind != aicredits.KindUnauthorized {
			t.Error(kind)
		}
		must[KeyAdded](t)(e.Key(KeyChange{Name: "mine", Revoked: Ptr(false), Accounts: []string{}}))
		if _, kind := read(client); kind != aicredits.KindForbidden {
			t.Error(kind)
		}
		if made := must[KeyAdded](t)(e.Key(KeyChange{Name: "another"})); made.Secret == (Secret{}) || made.Secret == secret {
			t.Error("no secret was made")
		}
	},
	"Grant": func(t *testing.T, e *Emulator) {
		granted := must[Granted](t)(e.Grant(Grant{Allocation: "free", Rules: []GrantRule{
			{Period: aicredits.PeriodDay, Cap: 30}, {Period: aicredits.PeriodMonth, Cap: 120, Balance: Ptr[int64](100), ResetDate: july},
		}}))
		if granted.Allocation != "free" || spendable(t, e.Client(t)) != 1080 {
			t.Error(granted)
		}
		_, err := e.Grant(Grant{Account: "7f3a", Rules: []GrantRule{{Period: "DAY", Cap: 1}}})
		if failure := refused(t, err, 404, "unknown_account"); failure.Pointer != "/account" {
			t.Error(failure)
		}
		if _, err := e.Grant(Grant{}); err == nil {
			t.Error("credits without a rule")
		}
	},
	"TopUp": func(t *testing.T, e *Emulator) {
		one, two := must[Granted](t)(e.TopUp(TopUp{Amount: 200})), must[Granted](t)(e.TopUp(TopUp{Amount: 3}))
		if one.Allocation == "" || one.Allocation == two.Allocation || spendable(t, e.Client(t)) != 1253 {
			t.Error(one, two)
		}
	},
	"Adjust": func(t *testing.T, e *Emulator) {
		if err := e.Adjust(Adjust{Allocation: "monthly", Balance: Ptr[int64](-5), Omit: []Member{MemberCap}}); err != nil {
			t.Fatal(err)
		}
		rule := must[State](t)(e.State()).Accounts[0].Allocations[0].Rules[0]
		if rule.Balance != -5 || rule.Cap != 1000 || len(rule.Omit) != 1 || !rule.ResetDate.Equal(july) {
			t.Errorf("%+v", rule)
		}
		for source := range mustRead(t, e.Client(t)).CreditBalanceBreakdown() {
			for rule := range source.UsageRules() {
				if _, known := rule.Cap(); known {
					t.Error("the cap is not omitted")
				}
				break
			}
			break
		}
		if err := e.Adjust(Adjust{Allocation: "monthly", Omit: []Member{}, ResetDate: june.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		rule = must[State](t)(e.State()).Accounts[0].Allocations[0].Rules[0]
		if rule.Balance != -5 || len(rule.Omit) != 0 || !rule.ResetDate.Equal(june.Add(time.Hour)) {
			t.Errorf("%+v", rule)
		}
		refused(t, e.Adjust(Adjust{Allocation: "none"}), 404, "unknown_allocation")
	},
	"Spend": func(t *testing.T, e *Emulator) {
		spent := must[Spent](t)(e.Spend(Spend{Cost: 900, IdempotencyKey: "k1"}))
		total := int64(0)
		for _, drawn := range spent.Drawn {
			total += drawn.Amount
		}
		if spent.Transaction == "" || spent.Cost != 900 || total != 900 || spent.Repeated || spendable(t, e.Client(t)) != 150 {
			t.Errorf("%+v", spent)
		}
		if again := must[Spent](t)(e.Spend(Spend{Cost: 900, IdempotencyKey: "k1"})); !again.Repeated || again.Transaction != spent.Transaction {
			t.Errorf("%+v", again)
		}
		_, err := e.Spend(Spend{Cost: 151})
		details, ok := refused(t, err, 409, "insufficient").Insufficient()
		if !ok || details.Cost != 151 || details.Spendable != 150 || len(details.Binding) == 0 || details.Binding[0].Allocation == "" {
			t.Errorf("%+v", details)
		}
		must[Spent](t)(e.Spend(Spend{Cost: 50, ShownAfter: Ptr(time.Minute)}))
		if credits := spendable(t, e.Client(t)); credits != 150 {
			t.Error(credits, "although the charge is not shown yet")
		}
		must[Clock](t)(e.Clock(ClockChange{Advance: time.Minute}))
		if credits := spendable(t, e.Client(t)); credits != 100 {
			t.Error(credits)
		}
	},
	"Clock": func(t *testing.T, e *Emulator) {
		begun := must[Clock](t)(e.Clock(ClockChange{}))
		week := must[Clock](t)(e.Clock(ClockChange{Advance: 7 * 24 * time.Hour}))
		if !begun.Now.Equal(june) || !week.Now.Equal(july) || week.Service-begun.Service < 7*24*time.Hour || week.Resets != 1 {
			t.Errorf("%+v %+v", begun, week)
		}
		if credits := spendable(t, e.Client(t)); credits != 1200 {
			t.Error(credits, "after the reset")
		}
		if set := must[Clock](t)(e.Clock(ClockChange{Now: june})); !set.Now.Equal(june) || set.Mode != ClockFrozen {
			t.Errorf("%+v", set)
		}
		must[Clock](t)(e.Clock(ClockChange{Speed: 1000}))
		running := must[Clock](t)(e.Clock(ClockChange{Mode: ClockRunning}))
		eventually(t, "the calendar moves", func() bool { return must[Clock](t)(e.Clock(ClockChange{})).Now.After(running.Now) })
		_, err := e.Clock(ClockChange{Mode: ClockFrozen, Speed: 2})
		refused(t, err, 400, "invalid_request")
	},
	"Fault": func(t *testing.T, e *Emulator) {
		fault := Fault{Times: 2, Match: FaultMatch{Route: RouteBalance, Key: "example"}, Reply: &FaultReply{Status: 503, Shape: ShapeHTML, RetryAfter: Ptr(time.Second)}}
		added := must[FaultAdded](t)(e.Fault(fault))
		if left := must[State](t)(e.State()).Faults; len(left) != 1 || left[0].Fault != added.Fault || left[0].Times != 2 || *left[0].Reply.RetryAfter != time.Second {
			t.Errorf("%+v", left)
		}
		client := e.Client(t, aicredits.WithMaxRetries(0))
		for range 2 {
			_, err := client.GetBalance(background)
			var failure *aicredits.Error
			if !errors.As(err, &failure) || failure.HTTPStatus != 503 || *failure.RetryAfter != time.Second {
				t.Error(err)
			}
		}
		if credits := spendable(t, client); credits != 1050 {
			t.Error(credits)
		}
	},
	"ClearFaults": func(t *testing.T, e *Emulator) {
		one := must[FaultAdded](t)(e.Fault(Fault{Times: UntilCleared, Reply: &FaultReply{Status: 500}}))
		for range 2 {
			must[FaultAdded](t)(e.Fault(Fault{Reply: &FaultReply{Status: 502}}))
		}
		if left := must[State](t)(e.State()).Faults; left[0].Times != UntilCleared || left[1].Times != 1 {
			t.Errorf("%+v", left)
		}
		if cleared := must[Cleared](t)(e.ClearFaults(ClearFaults{Fault: one.Fault})); cleared.Cleared != 1 {
			t.Error(cleared)
		}
		if cleared := must[Cleared](t)(e.ClearFaults(ClearFaults{})); cleared.Cleared != 2 || spendable(t, e.Client(t)) != 1050 {
			t.Error(cleared)
		}
		if cleared := must[Cleared](t)(e.ClearFaults(ClearFaults{Fault: one.Fault})); cleared.Cleared != 0 {
			t.Error(cleared, "although it was cleared before")
		}
	},
	"Limit": func(t *testing.T, e *Emulator) {
		if err := e.Limit(Limit{PerMinute: 2, RetryAfter: Ptr(true)}); err != nil {
			t.Fatal(err)
		}
		client := e.Client(t, aicredits.WithMaxRetries(0))
		spendable(t, client)
		spendable(t, client)
		_, err := client.GetBalance(background)
		var failure *aicredits.Error
		if !errors.As(err, &failure) || failure.Kind != aicredits.KindRateLimited || failure.RetryAfter == nil {
			t.Error(err)
		}
		if limit := must[State](t)(e.State()).Limit; limit == nil || limit.PerMinute != 2 || !*limit.RetryAfter {
			t.Errorf("%+v", limit)
		}
		if err := e.Limit(Limit{}); err != nil || must[State](t)(e.State()).Limit != nil {
			t.Error(err)
		}
		spendable(t, client)
	},
	"Assume": func(t *testing.T, e *Emulator) {
		all, err := e.Assume(map[string]string{"no_access": "404"})
		if err != nil || all["no_access"] != "404" || all["no_scope"] != "428" || len(all) < 11 {
			t.Error(all, err)
		}
		if same, err := e.Assume(nil); err != nil || !reflect.DeepEqual(same, all) {
			t.Error(same, err)
		}
		for _, wrong := range []map[string]string{{"no_access": "500"}, {"no_such": "404"}} {
			_, err := e.Assume(wrong)
			refused(t, err, 400, "invalid_request")
		}
	},
	"Journal": func(t *testing.T, e *Emulator) {
		client := e.Client(t)
		balance := mustRead(t, client)
		read(client, aicredits.ForSite("77d2"))
		journal := must[Journal](t)(e.Journal(JournalQuery{}))
		if journal.Total != 2 || journal.Dropped != 0 || len(journal.Requests) != 2 {
			t.Fatalf("%+v", journal)
		}
		first := journal.Requests[0]
		if first.N != 1 || first.Method != "POST" || first.Version != "1.1" || first.Route != RouteBalance || first.Key != "example" || first.Account != e.AccountID() || first.Site != "" {
			t.Errorf("%+v", first)
		}
		if first.Body != "{}" || first.BodyBytes != 2 || first.Status != 200 || first.RequestID != balance.RequestID() || first.Fault != "" || first.Ended != EndedComplete {
			t.Errorf("%+v", first)
		}
		if !first.Date.Equal(june) || first.Header("wix-account-id") != e.AccountID() || strings.Contains(first.Header("Authorization"), "IST.") || first.Replied < first.Arrived {
			t.Errorf("%+v", first)
		}
		after := must[Journal](t)(e.Journal(JournalQuery{After: 1, Status: 404, Site: "77d2"}))
		if len(after.Requests) != 1 || after.Requests[0].N != 2 || after.Requests[0].Status != 404 || after.Total != 2 {
			t.Errorf("%+v", after)
		}
		if none := must[Journal](t)(e.Journal(JournalQuery{Route: RoutePaidAction})); len(none.Requests) != 0 {
			t.Errorf("%+v", none)
		}
		if one := must[Journal](t)(e.Journal(JournalQuery{Limit: 1})); len(one.Requests) != 1 || one.Requests[0].N != 1 {
			t.Errorf("%+v", one)
		}
	},
	"Verdict": func(t *testing.T, e *Emulator) {
		client := e.Client(t)
		spendable(t, client)
		if verdict := must[Verdict](t)(e.Verdict(VerdictQuery{})); !verdict.Good || !verdict.Complete || len(verdict.Findings) != 0 {
			t.Errorf("%+v", verdict)
		}
		spendable(t, client)
		verdict := must[Verdict](t)(e.Verdict(VerdictQuery{Require: Require{AskedOnce: true}}))
		if verdict.Good || len(verdict.Findings) != 1 {
			t.Fatalf("%+v", verdict)
		}
		finding := verdict.Findings[0]
		if finding.Rule != AskedOnce || finding.Count != 1 || len(finding.Requests) != 2 || finding.Message == "" || len(finding.Evidence) != 2 {
			t.Errorf("%+v", finding)
		}
	},
	"Mark": func(t *testing.T, e *Emulator) {
		client := e.Client(t)
		spendable(t, client)
		if marked := must[Marked](t)(e.Mark(Mark{Label: "the second call"})); marked.N != 1 {
			t.Error(marked)
		}
		spendable(t, client)
		e.AssertGoodClientBy(t, VerdictQuery{Require: Require{AskedOnce: true}})
	},
	"Wait": func(t *testing.T, e *Emulator) {
		client := e.Client(t)
		go read(client)
		if waited := must[Waited](t)(e.Wait(background, Wait{Requests: 1, Timeout: patience})); !waited.Reached || waited.Total != 1 {
			t.Error(waited)
		}
		if waited := must[Waited](t)(e.Wait(background, Wait{Requests: 9, Timeout: time.Millisecond})); waited.Reached || waited.Total != 1 {
			t.Error(waited)
		}
		if waited := must[Waited](t)(e.Wait(background, Wait{})); !waited.Reached {
			t.Error(waited)
		}
		for _, timeout := range []time.Duration{-time.Second, time.Hour} {
			_, err := e.Wait(background, Wait{Requests: 9, Timeout: timeout})
			refused(t, err, 400, "invalid_request")
		}
		ctx, cancel := context.WithCancel(background)
		ended := make(chan error, 1)
		go func() { _, err := e.Wait(ctx, Wait{Requests: 9, Timeout: 10 * time.Minute}); ended <- err }()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	},
}

// timeless is a state without the values that differ from one run to the next.
func timeless(state *State) State {
	copied := *state
	copied.Clock.Service, copied.Clock.Resets, copied.Requests = 0, 0, 0
	return copied
}

func mustRead(t *testing.T, client *aicredits.Client) *aicredits.Balance {
	t.Helper()
	balance, err := client.GetBalance(background)
	if err != nil {
		t.Fatal(err)
	}
	return balance
}
