package scenario

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed stories/*.txt
var files embed.FS

// All are the stories that come with Hookfold, by name. Every call reads them anew.
func All() []Story {
	entries, err := files.ReadDir("stories")
	if err != nil {
		panic(err) // they are part of the binary
	}
	list := make([]Story, len(entries))
	for i, e := range entries {
		if list[i], err = Named(strings.TrimSuffix(e.Name(), ".txt")); err != nil {
			panic(err) // a test reads every one
		}
	}
	return list
}

// Named is the story of that name. Its error is ErrNoStory.
func Named(name string) (Story, error) {
	text, err := files.ReadFile("stories/" + name + ".txt")
	if err != nil {
		return Story{}, ErrNoStory
	}
	s, err := Parse(name, string(text))
	if err != nil {
		return Story{}, fmt.Errorf("scenario: a story of this build cannot be read: %w", err)
	}
	return s, nil
}
