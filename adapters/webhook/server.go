package webhook

import (
	"crypto/tls"
	"net/http"
	"time"
)

// Server returns a server for the ingress with every timeout and bound set. Call ListenAndServe, ListenAndServeTLS or
// Serve on it, and Shutdown to stop: it waits for the appends under way, so that every notification that was received
// is answered. TLS, when used, is 1.2 or newer (S4).
func Server(addr string, h http.Handler) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       5 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       time.Minute,
		// An over-long query is to be answered by the Handler with 414, not by the server with 431: the bound on headers
		// lies above every query that a sender of some sanity could produce, and still bounds the memory of a connection.
		MaxHeaderBytes: 1<<20 + 64<<10,
		TLSConfig:      &tls.Config{MinVersion: tls.VersionTLS12},
		// "OPTIONS *" is a stranger like any other, not a 200.
		DisableGeneralOptionsHandler: true,
	}
}
