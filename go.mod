module github.com/hookfold/hookfold

go 1.26

require (
	github.com/alecthomas/kong v1.17.0 // indirect
	github.com/stretchr/testify v1.12.1 // indirect
	pgregory.net/rapid v1.3.0 // indirect
)
