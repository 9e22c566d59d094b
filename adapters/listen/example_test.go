package listen_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"

	"github.com/hookfold/hookfold/adapters/listen"
)

// A server for strangers: every bound has a default, and with a certificate it speaks TLS.
func ExampleNew() {
	srv, err := listen.New(listen.Config{Handler: http.NotFoundHandler()}) // Certificate: from listen.NewCertificate
	if err != nil {
		fmt.Println(err)
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	ended := make(chan error)
	go func() { ended <- srv.Serve(l) }()

	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n") // net/http alone would say 417
	status := make([]byte, len("HTTP/1.1 400 Bad Request"))
	_, _ = io.ReadFull(c, status)
	_ = c.Close()
	fmt.Println(string(status))

	_ = srv.Shutdown(context.Background())
	fmt.Println("ended:", <-ended)
	// Output:
	// HTTP/1.1 400 Bad Request
	// ended: <nil>
}

// A handler that is not for everybody.
func ExamplePrivate() {
	guarded := listen.Private(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "what is private")
	}), "a long and random token")

	r := httptest.NewRequest(http.MethodGet, "/v1/users/user_m_1", nil)
	w := httptest.NewRecorder()
	guarded.ServeHTTP(w, r)
	fmt.Println(w.Code)

	r.Header.Set("Authorization", "Bearer a long and random token")
	w = httptest.NewRecorder()
	guarded.ServeHTTP(w, r)
	fmt.Print(w.Code, " ", w.Body)
	// Output:
	// 401
	// 200 what is private
}

// A certificate that follows its files. Production mode refuses what senders would refuse.
func ExampleNewCertificate() {
	_, err := listen.NewCertificate(listen.CertificateConfig{CertFile: "nowhere.pem", KeyFile: "nowhere.key", Production: true})
	fmt.Println(err)
	// Output:
	// listen: the TLS certificate cannot be used: open nowhere.pem: no such file or directory
}
