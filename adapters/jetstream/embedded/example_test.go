package embedded_test

import (
	"context"
	"fmt"
	"os"

	"github.com/hookfold/hookfold/adapters/jetstream/embedded"
)

func ExampleStart() {
	dir, err := os.MkdirTemp("", "hookfold")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	server, err := embedded.Start(context.Background(), embedded.Config{Dir: dir})
	if err != nil {
		panic(err)
	}
	defer server.Close()
	nc, err := server.Connect()
	if err != nil {
		panic(err)
	}
	defer nc.Close()
	fmt.Println(nc.Status(), server.Healthy(), server.Durability())
	// Output: CONNECTED <nil> always
}
