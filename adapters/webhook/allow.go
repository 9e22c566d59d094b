package webhook

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// allowed tells whether a request may come from where it comes from.
func (h *Handler) allowed(r *http.Request) bool {
	if len(h.cfg.Allow) == 0 {
		return true
	}
	return within(h.cfg.Allow, sender(r, h.cfg.TrustedProxies))
}

// sender is the address of whoever sent a request: the peer, or, where the peer is a trusted proxy, the nearest address
// of X-Forwarded-For that is none. It is read from the right, because a sender can write whatever it likes to the left
// of what our own proxies append. The zero Addr, which no prefix contains, stands for what cannot be read.
func sender(r *http.Request, trusted []netip.Prefix) netip.Addr {
	at := address(r.RemoteAddr)
	left := strings.Join(r.Header.Values("X-Forwarded-For"), ",") // every line of it, in the order in which they came
	for left != "" && within(trusted, at) {
		i := strings.LastIndexByte(left, ',')
		at = address(strings.TrimSpace(left[i+1:]))
		left = left[:max(i, 0)]
	}
	return at
}

// address reads an IP address with or without a port, brackets and zone. An IPv4 address in IPv6 dress is an IPv4 address.
func address(s string) netip.Addr {
	if with, err := netip.ParseAddrPort(s); err == nil {
		return with.Addr().Unmap().WithZone("")
	}
	if inside, ok := strings.CutPrefix(s, "["); ok && strings.Contains(s, ":") { // an IPv6 address, as in a URL
		s = strings.TrimSuffix(inside, "]")
	}
	bare, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}
	}
	return bare.Unmap().WithZone("")
}

// within tells whether one of the prefixes contains the address.
func within(list []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
}

// ranges tells whether every prefix can contain an address at all.
func ranges(list []netip.Prefix) bool {
	return !slices.ContainsFunc(list, func(p netip.Prefix) bool { return !p.IsValid() || p.Addr().Is4In6() })
}
