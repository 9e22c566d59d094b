module github.com/hookfold/hookfold

go 1.26
