package main

import (
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/hookfold/hookfold/adapters/listen"
)

// listenFlags say how the two listeners are protected.
type listenFlags struct {
	TLSCert    string `name:"tls-cert" help:"Certificate (PEM, with those between it and its authority) of the ingress, and of the read API where that is not on loopback. It is read again when it changes." placeholder:"FILE"`
	TLSKey     string `name:"tls-key" help:"Key (PEM) of the certificate." placeholder:"FILE"`
	AdminToken string `help:"Secret that the read API asks for, as Authorization: Bearer TOKEN. Needed where others than this machine can reach it." placeholder:"TOKEN"`
	Production bool   `help:"Refuse what must not be in production: no --token, plain HTTP that others can reach, a certificate that signed itself or is not valid."`

	certificate *listen.Certificate // nil: plain HTTP
}

// protect reports every problem of the flags about the listeners at once, and reads the certificate. It is done before
// anything is opened.
func (c *serveCmd) protect(logger *slog.Logger) error {
	problems := append(c.unreachable(), c.unprotected()...)
	if len(problems) > 0 {
		return exit(exitUsage, "%s", strings.Join(problems, "; "))
	}
	if c.TLSCert == "" {
		return nil
	}
	var err error
	c.certificate, err = listen.NewCertificate(listen.CertificateConfig{
		CertFile: c.TLSCert, KeyFile: c.TLSKey, Production: c.Production, Logger: logger,
	})
	if err != nil {
		return exit(exitUsage, "--tls-cert, --tls-key: %w", err)
	}
	logger.Info("TLS", "expires", c.certificate.Expires())
	return nil
}

// unreachable are the problems of addresses and files.
func (c *serveCmd) unreachable() []string {
	var problems []string
	for _, f := range [][2]string{{"--listen", c.Listen}, {"--admin", c.Admin}} {
		if _, _, err := net.SplitHostPort(f[1]); err != nil {
			problems = append(problems, f[0]+" is not an address: give host:port")
		}
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		problems = append(problems, "--tls-cert and --tls-key belong together: give both or neither")
	}
	return problems
}

// unprotected are the problems of what others could reach.
func (c *serveCmd) unprotected() []string {
	var problems []string
	refuse := func(bad bool, why string) {
		if bad {
			problems = append(problems, why)
		}
	}
	plain := c.TLSCert == ""
	refuse(c.AdminToken == "" && !loopback(c.Admin),
		"--admin can be reached by others: give --admin-token, or a loopback address")
	refuse(c.Production && c.Token == "",
		"--production needs --token: notifications are unsigned, and whoever knows the address can send them")
	refuse(c.Production && plain && !loopback(c.Listen) && len(c.Trusted) == 0,
		"--production needs --tls-cert and --tls-key, or --trusted-proxy (and --allow) where a proxy in front speaks TLS: others can reach --listen")
	refuse(c.Production && plain && !loopback(c.Admin),
		"--production needs --tls-cert and --tls-key: others can reach --admin, and would see its token")
	return problems
}

// loopback tells whether only this machine can reach an address.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return true // what is no address is told as such, once
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// listener is an address with what serves there.
type listener struct {
	net.Listener
	server *listen.Server
	scheme string
}

// url is where it is.
func (l *listener) url() string { return l.scheme + "://" + l.Addr().String() }

// adminWrite bounds an answer of the read API. Its own bounds, two waits of 4 s and a read of 5 s, come first, with a sentence.
const adminWrite = 15 * time.Second

// listeners opens both addresses, or none.
func (c *serveCmd) listeners(p *parts) (ingress, admin *listener, err error) {
	ingress, err = open(c.Listen, listen.Config{Handler: p.door, Certificate: c.certificate, Logger: p.logger, Refused: p.refused})
	if err != nil {
		return nil, nil, exit(exitUnreachable, "the ingress cannot listen: %w", err)
	}
	private := listen.Config{
		Handler: listen.Private(p.read, c.AdminToken), Certificate: c.certificate, Logger: p.logger, WriteTimeout: adminWrite,
	}
	if loopback(c.Admin) {
		private.Certificate = nil // it is for another name than localhost
	}
	admin, err = open(c.Admin, private)
	if err != nil {
		_ = ingress.Close() // nothing was served yet
		return nil, nil, exit(exitUnreachable, "the read API cannot listen: %w", err)
	}
	return ingress, admin, nil
}

// open opens one address.
func open(addr string, c listen.Config) (*listener, error) {
	server, err := listen.New(c)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	scheme := "http"
	if c.Certificate != nil {
		scheme = "https"
	}
	return &listener{l, server, scheme}, nil
}

// ingressPath is the path of the ingress as it may be shown.
func (c *serveCmd) ingressPath() string {
	if c.Token == "" {
		return "/hooks"
	}
	return "/hooks/***"
}
