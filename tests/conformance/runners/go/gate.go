package main

import (
	"context"

	"aicredits.example/aicredits"
)

// gateOption is the option of a gate for a line of the protocol.
func gateOption(name, value string) aicredits.GateOption {
	switch name {
	case "account_id":
		return aicredits.WithScope(aicredits.Scope{AccountID: decode(value)})
	case "site_id":
		return aicredits.WithScope(aicredits.Scope{SiteID: decode(value)})
	case "credential_scope":
		return aicredits.WithGateCredentialScope()
	case "max_age_ms":
		return aicredits.WithMaxAge(duration(value))
	case "min_interval_ms":
		return aicredits.WithMinInterval(duration(value))
	case "read_timeout_ms":
		return aicredits.WithReadTimeout(duration(value))
	case "visibility_delay_ms":
		return aicredits.WithVisibilityDelay(duration(value))
	case "headroom":
		return aicredits.WithHeadroom(number(value))
	case "limit":
		return aicredits.WithLimit(number(value))
	case "processes":
		return aicredits.WithProcesses(uint32(number(value)))
	case "reservation_ttl_ms":
		return aicredits.WithReservationTTL(duration(value))
	case "exhausted_cooldown_ms":
		return aicredits.WithExhaustedCooldown(duration(value))
	case "strict":
		return aicredits.WithStrict(value != "0")
	case "dry_run":
		return aicredits.WithDryRun(value != "0")
	case "when_unavailable_stale_ms":
		return aicredits.WithWhenUnavailable(aicredits.WhenUnavailableStale(duration(value)))
	case "when_unavailable":
		if value == "allow" {
			return aicredits.WithWhenUnavailable(aicredits.WhenUnavailableAllow())
		}
		return aicredits.WithWhenUnavailable(aicredits.WhenUnavailableDeny())
	}
	giveUp(name)
	return nil
}

// readThroughGate reads the balance through a gate with these options.
func readThroughGate(
	ctx context.Context, client *aicredits.Client, options []aicredits.GateOption, call []aicredits.CallOption,
) (*aicredits.Balance, error) {
	gate, err := client.NewGate(options...)
	if err != nil {
		return nil, err
	}
	defer gate.Close()
	return gate.Refresh(ctx, call...)
}
