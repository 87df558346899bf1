package aicredits

// Binding is the limit that keeps the spendable credits of a balance from being more.
type Binding int32

// The limits. A later version may add to them.
const (
	// Nothing in the reply sets a limit.
	BindingNothing Binding = iota + 1
	// The two pools hold no more.
	BindingPools
	// The rules of the breakdown allow no more: see [Affordability.BindingRules].
	BindingRules
)

var bindingNames = [...]string{"UNKNOWN", "NOTHING", "POOLS", "RULES"}

// String is the name of the limit, such as "RULES".
func (b Binding) String() string {
	return nameOf(bindingNames[:], int32(b))
}

// BindingRule is a rule that keeps the spendable credits from being more.
type BindingRule struct {
	// Source is the source of the rule.
	Source CreditBalance
	// Rule is one of Source's rules.
	Rule UsageRule
	// SourceIndex is the index of the source in [Balance.CreditBalanceBreakdown].
	SourceIndex int
	// RuleIndex is the index of the rule in [CreditBalance.UsageRules].
	RuleIndex int
}
