// A placeholder: no domain of ours stands behind it. README.md tells how to use the module from a clone.
module aicredits.example/aicredits

go 1.24
