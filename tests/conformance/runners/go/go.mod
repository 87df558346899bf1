module example/conformance

go 1.24

require aicredits.example/aicredits v0.0.0

replace aicredits.example/aicredits => ../../../../bindings/go
