package main

import "github.com/hookfold/hookfold/adapters/asyncapi"

// asyncapiCmd describes what others may read.
type asyncapiCmd struct{}

// Run prints the description.
func (asyncapiCmd) Run(e env) error {
	text, err := asyncapi.Document(asyncapi.Config{Version: release()})
	if err != nil {
		return err
	}
	_, err = e.out.Write(text)
	return err
}
