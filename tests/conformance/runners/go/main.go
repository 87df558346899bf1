// The Go runner of the conformance suite: through the package's exported names alone, one field a value.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"aicredits.example/aicredits"
)

func giveUp(what any) {
	fmt.Fprintln(os.Stderr, "conformance-go:", what)
	os.Exit(2)
}

type asked struct {
	options     []aicredits.Option
	callOptions []aicredits.CallOption
	gateOptions []aicredits.GateOption // nil unless the balance is read through a gate.
	cancelled   bool
	closed      bool
	json        *string // nil unless it is to be read without a client.
	questions   []string
}

func decode(text string) string {
	decoded, err := url.PathUnescape(text)
	if err != nil {
		giveUp(err)
	}
	return decoded
}

func decodeList(texts string) []string {
	list := strings.Split(texts, ",")
	for i := range list {
		list[i] = decode(list[i])
	}
	return list
}

func number(text string) uint64 {
	value, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		giveUp(err)
	}
	return value
}

// duration is of milliseconds; more than a Duration holds is as long as one can be.
func duration(text string) time.Duration {
	value := number(text)
	if most := uint64(1<<63-1) / uint64(time.Millisecond); value > most {
		value = most
	}
	return time.Duration(value) * time.Millisecond
}

// provider answers with one text after the other, and then with the last again.
func provider(texts []string, fails bool) func(context.Context) (string, error) {
	var lock sync.Mutex
	return func(context.Context) (string, error) {
		lock.Lock()
		defer lock.Unlock()
		text := texts[0]
		if len(texts) > 1 {
			texts = texts[1:]
		}
		if fails {
			return "", errors.New(text)
		}
		return text, nil
	}
}

func (a *asked) setForCall(name, value string) {
	switch name {
	case "account_id":
		a.callOptions = append(a.callOptions, aicredits.ForAccount(decode(value)))
	case "site_id":
		a.callOptions = append(a.callOptions, aicredits.ForSite(decode(value)))
	case "account_and_site_ids":
		ids := decodeList(value)
		a.callOptions = append(a.callOptions, aicredits.ForAccountAndSite(ids[0], ids[1]))
	case "credential_scope":
		a.callOptions = append(a.callOptions, aicredits.ForCredential())
	case "timeout_ms":
		a.callOptions = append(a.callOptions, aicredits.WithCallTimeout(duration(value)))
	case "cancelled":
		a.cancelled = true
	default:
		giveUp(name)
	}
}

func (a *asked) set(name, value string) {
	if name, ok := strings.CutPrefix(name, "call."); ok {
		a.setForCall(name, value)
		return
	}
	if name, ok := strings.CutPrefix(name, "gate."); ok {
		a.gateOptions = append(a.gateOptions, gateOption(name, value))
		return
	}
	var option aicredits.Option
	switch name {
	case "api_key":
		option = aicredits.WithAPIKey(decode(value))
	case "authorization":
		option = aicredits.WithAuthorization(decode(value))
	case "credential_provider":
		option = aicredits.WithCredentialProvider(provider(decodeList(value), false))
	case "credential_provider_failure":
		option = aicredits.WithCredentialProvider(provider(decodeList(value), true))
	case "account_id":
		option = aicredits.WithAccount(decode(value))
	case "site_id":
		option = aicredits.WithSite(decode(value))
	case "account_and_site_ids":
		ids := decodeList(value)
		option = aicredits.WithAccountAndSite(ids[0], ids[1])
	case "credential_scope":
		option = aicredits.WithCredentialScope()
	case "per_call_scope":
		option = aicredits.WithPerCallScope()
	case "base_url":
		option = aicredits.WithBaseURL(decode(value))
	case "allow_insecure_http":
		option = aicredits.WithAllowInsecureHTTP(value != "0")
	case "timeout_ms":
		option = aicredits.WithTimeout(duration(value))
	case "max_reply_bytes":
		option = aicredits.WithMaxReplyBytes(uint(number(value)))
	case "max_retries":
		option = aicredits.WithMaxRetries(uint32(number(value)))
	case "max_concurrency":
		option = aicredits.WithMaxConcurrency(uint32(number(value)))
	case "ca_file":
		option = aicredits.WithCAFile(decode(value))
	case "ca_pem":
		option = aicredits.WithCAPEM([]byte(decode(value)))
	case "proxy":
		option = aicredits.WithProxy(decode(value))
	case "proxy_from_env":
		option = aicredits.WithProxyFromEnv(value != "0")
	case "name":
		option = aicredits.WithName(decode(value))
	case "from_env":
		option = aicredits.FromEnv()
	case "closed":
		a.closed = true
		return
	case "decide":
		a.questions = append(a.questions, decode(value))
		return
	case "from_json":
		text := decode(value)
		a.json = &text
		return
	default:
		giveUp(name)
	}
	a.options = append(a.options, option)
}

var out = bufio.NewWriter(os.Stdout)

// text prints one line of printable ASCII.
func text(name, value string) {
	fmt.Fprint(out, name, "=")
	for i := range len(value) {
		if b := value[i]; b >= ' ' && b <= '~' && b != '\\' {
			out.WriteByte(b)
		} else {
			fmt.Fprintf(out, "\\x%02x", b)
		}
	}
	out.WriteByte('\n')
}

// An absent value prints nothing.
func textIfAny(name, value string) {
	if value != "" {
		text(name, value)
	}
}

// known prints a value that is there.
func known[T any](name string, value T, has bool, print func(string, T)) {
	if has {
		print(name, value)
	}
}

func count(name string, value int64) {
	fmt.Fprintf(out, "%s=%d\n", name, value)
}

func length(name string, value int) {
	if value != 0 {
		fmt.Fprintf(out, "%s.length=%d\n", name, value)
	}
}

func instant(name string, value time.Time) {
	fmt.Fprintf(out, "%s=%d.%09d\n", name, value.Unix(), value.Nanosecond())
}

func scope(name string, value aicredits.Scope) {
	switch {
	case value.AccountID != "" && value.SiteID != "":
		text(name, "ACCOUNT_AND_SITE")
	case value.AccountID != "":
		text(name, "ACCOUNT")
	case value.SiteID != "":
		text(name, "SITE")
	default:
		text(name, "CREDENTIAL")
	}
	textIfAny(name+".accountId", value.AccountID)
	textIfAny(name+".siteId", value.SiteID)
}

// counted is a pool or a rule.
type counted interface {
	Balance() (int64, bool)
	Cap() (int64, bool)
}

func counts(name string, value counted) {
	balance, has := value.Balance()
	known(name+".balance", balance, has, count)
	most, has := value.Cap()
	known(name+".cap", most, has, count)
}

func credits(name string, value aicredits.Credits) {
	text(name, "present")
	counts(name, value)
}

func period(name string, value aicredits.FeaturePeriod) {
	switch value {
	case aicredits.PeriodNoPeriod, aicredits.PeriodMillisecond, aicredits.PeriodSecond, aicredits.PeriodMinute,
		aicredits.PeriodHour, aicredits.PeriodDay, aicredits.PeriodWeek, aicredits.PeriodMonth, aicredits.PeriodYear:
		text(name, string(value))
	default:
		text(name, "UNKNOWN")
	}
	text(name+"Text", string(value))
}

func printRule(name string, rule aicredits.UsageRule) {
	each, has := rule.Period()
	known(name+".period", each, has, period)
	counts(name, rule)
	date, has := rule.ResetDate()
	known(name+".resetDate", date, has, instant)
}

func printBalance(balance *aicredits.Balance) {
	pool, has := balance.PeriodicCredits()
	known("periodicCredits", pool, has, credits)
	pool, has = balance.TopUpCredits()
	known("topUpCredits", pool, has, credits)
	sources := slices.Collect(balance.CreditBalanceBreakdown())
	length("creditBalanceBreakdown", len(sources))
	for i, source := range sources {
		name := fmt.Sprintf("creditBalanceBreakdown[%d]", i)
		id, has := source.SubscriptionID()
		known(name+".subscriptionId", id, has, text)
		rules := slices.Collect(source.UsageRules())
		length(name+".usageRules", len(rules))
		for j, rule := range rules {
			printRule(fmt.Sprintf("%s.usageRules[%d]", name, j), rule)
		}
	}
	available, has := balance.Available()
	known("available", available, has, count)
	if !balance.IsRecognized() {
		text("isRecognized", "false")
	}
	asked, has := balance.Scope()
	known("scope", asked, has, scope)
	textIfAny("requestId", balance.RequestID())
	at, has := balance.FetchedAt()
	known("fetchedAt", at, has, instant)
	at, has = balance.ServerDate()
	known("serverDate", at, has, instant)
	text("json", string(balance.JSON()))
	text("shown", balance.String())
}

func status(name string, value int) {
	if value != 0 {
		fmt.Fprintf(out, "%s=%d\n", name, value)
	}
}

func printError(failure *aicredits.Error) {
	text("error.kind", failure.Kind.String())
	status("error.httpStatus", failure.HTTPStatus)
	textIfAny("error.code", failure.Code)
	textIfAny("error.description", failure.Description)
	length("error.fieldViolations", len(failure.FieldViolations))
	for i, violation := range failure.FieldViolations {
		name := fmt.Sprintf("error.fieldViolations[%d]", i)
		text(name+".field", violation.Field)
		text(name+".description", violation.Description)
		textIfAny(name+".violatedRule", violation.ViolatedRule)
	}
	textIfAny("error.setting", failure.Setting)
	if failure.Scope != nil {
		scope("error.scope", *failure.Scope)
	}
	textIfAny("error.requestId", failure.RequestID)
	if failure.RetryAfter != nil {
		count("error.retryAfterMs", failure.RetryAfter.Milliseconds())
	}
	length("error.attempts", len(failure.Attempts))
	for i, attempt := range failure.Attempts {
		name := fmt.Sprintf("error.attempts[%d]", i)
		text(name+".phase", attempt.Phase.String())
		fmt.Fprintf(out, "%s.durationNs=%d\n", name, attempt.Duration.Nanoseconds())
		status(name+".httpStatus", attempt.HTTPStatus)
		textIfAny(name+".requestId", attempt.RequestID)
	}
	text("error.message", failure.Message)
}

func (a *asked) ask() (*aicredits.Balance, error) {
	if a.json != nil {
		return aicredits.FromJSON([]byte(*a.json))
	}
	client, err := aicredits.NewClient(a.options...)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	if a.closed {
		client.Close()
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if a.cancelled {
		cancel()
	}
	if a.gateOptions != nil {
		return readThroughGate(ctx, client, a.gateOptions, a.callOptions)
	}
	return client.GetBalance(ctx, a.callOptions...)
}

func main() {
	lines := bufio.NewReader(os.Stdin)
	current := &asked{}
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		if name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "="); ok {
			current.set(name, value)
			continue
		}
		balance, err := current.ask()
		var failure *aicredits.Error
		switch {
		case err == nil:
			printBalance(balance)
			for _, question := range current.questions {
				printDecision(balance, question)
			}
		case errors.As(err, &failure):
			printError(failure)
		default:
			giveUp(err)
		}
		fmt.Fprintln(out, "end")
		out.Flush()
		current = &asked{}
	}
}
