// A placeholder: the domain does not exist. README.md shows how to use the module from a clone.
module aicredits.example/aicredits

go 1.24
