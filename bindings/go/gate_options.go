package aicredits

// GateOption is a setting of a [Gate]. [Client.NewGate] checks all of them.
type GateOption func(*gateConfig)

type gateConfig struct{ gateSettings }

// gateSettings is the library's configuration of a gate.
type gateSettings interface {
}
