package sandbox

import (
	"strings"
	"unicode"
)

// notNames are keywords that are identified as no real names, and gibberish that S2 gives as an example.
var notNames = map[string]bool{
	"test": true, "tests": true, "testing": true, "undefined": true, "unknown": true, "null": true, "nil": true, "none": true,
	"fake": true, "anonymous": true, "firstname": true, "lastname": true, "qwerty": true, "azerty": true,
	"aeofinzef": true, "ojenoiner": true,
}

// fictitious are people who do not exist, or not any more.
var fictitious = map[string]bool{
	"marilyn monroe": true, "homer simpson": true, "bart simpson": true, "mickey mouse": true, "donald duck": true,
	"james bond": true, "harry potter": true, "darth vader": true, "sherlock holmes": true, "peter pan": true,
}

// fakeName plays the fake-name rule (S2) on a first and a last name. What exactly the provider refuses is not known.
func fakeName(first, last string) bool {
	first, last = strings.ToLower(strings.TrimSpace(first)), strings.ToLower(strings.TrimSpace(last))
	return fictitious[first+" "+last] || fictitious[last+" "+first] || noName(first) || noName(last)
}

// noName tells keywords and gibberish: more than five consonants in a row, one letter again and again, or none at all.
func noName(name string) bool {
	run, letters, same := 0, 0, true
	var before rune
	for _, r := range name {
		if !unicode.IsLetter(r) {
			run = 0
			continue
		}
		same = same && (letters == 0 || r == before)
		letters++
		before = r
		if run++; strings.ContainsRune("aeiouyàáâäãåæèéêëìíîïòóôöõøœùúûü", r) || r > unicode.MaxLatin1 {
			run = 0
		}
		if run > 5 {
			return true
		}
	}
	return notNames[name] || letters == 0 || same && letters > 2
}
