package leertafel

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"leerkring/internal/fault"
	"leerkring/internal/guard"
	"leerkring/internal/richtext"
)

// Script (draaiboek) is how a session goes, as data. It is kept as JSON and
// leaves and comes back as a TOML file.
type Script struct {
	Title string `json:"title" toml:"title" validate:"notblank,max=200"`
	// About says what it is for, and for how many people.
	About  string  `json:"about" toml:"about,omitempty" validate:"max=2000"`
	Phases []Phase `json:"phases" toml:"phases"`
}

// Phase is one step of a script.
type Phase struct {
	Name string `json:"name" toml:"name" validate:"notblank,max=60"`
	// Work is what one does in it.
	Work Work `json:"work" toml:"work" validate:"required,oneof=talk facts write cluster vote lessons checkout"`
	// Minutes is how long it is meant to take; 0 leaves the clock off.
	Minutes int `json:"minutes" toml:"minutes,omitempty" validate:"min=0,max=600"`
	// Dots is how many each person divides in a vote.
	Dots int `json:"dots" toml:"dots,omitempty" validate:"min=0,max=20"`
	// Stacks lie ready with these names in a cluster phase.
	Stacks []string `json:"stacks" toml:"stacks,omitempty" validate:"max=12,dive,notblank,max=100"`
	// Task is what everybody reads.
	Task string `json:"task" toml:"task" validate:"notblank,max=1000"`
	// Aside is for the facilitator alone, Watch for observers and facilitators.
	Aside string `json:"aside" toml:"aside,omitempty" validate:"max=2000"`
	Watch string `json:"watch" toml:"watch,omitempty" validate:"max=1000"`
	// Handout (Markdown) is handed to everybody when the phase begins.
	Handout string `json:"handout" toml:"handout,omitempty" validate:"max=5000"`
}

// Work is what one does in a phase.
type Work string

const (
	// Talk: listen, read what lies open, speak in turn.
	Talk Work = "talk"
	// Facts: put facts on the timeline, for all to see.
	Facts Work = "facts"
	// Write: write cards that lie face down until the phase is over.
	Write Work = "write"
	// Cluster: put cards on stacks.
	Cluster Work = "cluster"
	// Vote: divide dots.
	Vote Work = "vote"
	// Lessons: write down what is taken along.
	Lessons Work = "lessons"
	// CheckOut: a mark and a word, once, face down until the end.
	CheckOut Work = "checkout"
)

// Works lists them all.
var Works = []Work{Talk, Facts, Write, Cluster, Vote, Lessons, CheckOut}

// faceDown: cards written in it are seen by their writer alone, until the
// session goes past it.
func (w Work) faceDown() bool { return w == Write || w == CheckOut }

// takesCards: one can write cards in it.
func (w Work) takesCards() bool { return w == Facts || w == Write || w == Cluster || w == CheckOut }

const (
	maxPhases = 30
	// scriptFile is how large the file of a script may be, in bytes.
	scriptFile = 128 << 10
)

// tidy cleans what stands on one line, and drops what has no meaning where it
// stands.
func (s Script) tidy() Script {
	s.Title, s.About = richtext.Line(s.Title), strings.TrimSpace(s.About)
	s.Phases = slices.Clone(s.Phases)
	for i := range s.Phases {
		p := &s.Phases[i]
		p.Name, p.Task, p.Aside = richtext.Line(p.Name), strings.TrimSpace(p.Task), strings.TrimSpace(p.Aside)
		p.Watch, p.Handout = strings.TrimSpace(p.Watch), strings.TrimSpace(p.Handout)
		p.Stacks = slices.Clone(p.Stacks)
		for j := range p.Stacks {
			p.Stacks[j] = richtext.Line(p.Stacks[j])
		}
	}
	return s
}

// Check makes sure that a session can be held by the script. A fault names the
// phase, counted from 1, and its field: "phases.3.task".
func (s Script) Check() error {
	all := &fault.Error{Kind: fault.Invalid, Text: fault.Text{Key: "fault.invalid"}}
	add := func(err error, prefix string) {
		if e, ok := fault.As(err); ok {
			for _, f := range e.Fields {
				f.Name = prefix + f.Name
				all.Fields = append(all.Fields, f)
			}
		}
	}
	add(fault.Check(s), "")
	switch n := len(s.Phases); {
	case n == 0:
		add(fault.InvalidField("phases", "required"), "")
	case n > maxPhases:
		add(fault.InvalidField("phases", "too_many", "Max", maxPhases), "")
		return all
	}
	for i, p := range s.Phases {
		at := "phases." + strconv.Itoa(i+1) + "."
		add(fault.Check(p), at)
		add(p.fits(s.Phases[:i]), at)
	}
	if len(all.Fields) > 0 {
		return all
	}
	return nil
}

// fits makes sure that a phase makes sense after those before it.
func (p Phase) fits(before []Phase) error {
	written := slices.ContainsFunc(before, func(b Phase) bool { return b.Work == Write || b.Work == Facts || b.Work == Cluster })
	switch {
	case p.Work == Vote && !written:
		return fault.InvalidField("work", "nothing_to_vote_on")
	case p.Work == Vote && p.Dots == 0:
		return fault.InvalidField("dots", "too_low", "Min", 1)
	case p.Work != Vote && p.Dots != 0:
		return fault.InvalidField("dots", "does_not_fit")
	case p.Work != Cluster && len(p.Stacks) != 0:
		return fault.InvalidField("stacks", "does_not_fit")
	case p.Work == CheckOut && slices.ContainsFunc(before, func(b Phase) bool { return b.Work == CheckOut }):
		return fault.InvalidField("work", "twice")
	}
	return nil
}

// private points at what in a script may lead to a person.
func (s Script) private(names func(string) ([]string, error)) error {
	var all strings.Builder
	all.WriteString(s.About)
	for _, p := range s.Phases {
		for _, text := range append([]string{p.Name, p.Task, p.Aside, p.Watch, p.Handout}, p.Stacks...) {
			all.WriteString("\n\n")
			all.WriteString(text)
		}
	}
	known, err := names(all.String())
	if err != nil {
		return err
	}
	if found := guard.Scan(all.String(), known...); len(found) > 0 {
		return privateFault("phases", found)
	}
	return nil
}

// minutes is how long all phases are meant to take.
func (s Script) minutes() (sum int) {
	for _, p := range s.Phases {
		sum += p.Minutes
	}
	return sum
}

// Minutes is how long a session by this script is meant to take.
func (s Script) Minutes() int { return s.minutes() }

// WriteFile returns the script as a file to keep or to hand on.
func (s Script) WriteFile() ([]byte, error) {
	var b bytes.Buffer
	encoder := toml.NewEncoder(&b)
	encoder.Indent = ""
	err := encoder.Encode(s)
	return b.Bytes(), err
}

// ReadFile reads the file of a script and checks it.
func ReadFile(file []byte) (Script, error) {
	if len(file) > scriptFile {
		return Script{}, fault.New(fault.TooLarge, "fault.too_large", "Max", strconv.Itoa(scriptFile>>10)+" KiB")
	}
	var s Script
	meta, err := toml.Decode(string(file), &s)
	var parse toml.ParseError
	if errors.As(err, &parse) {
		return Script{}, fault.New(fault.Invalid, "script.line_is_wrong", "Line", parse.Position.Line)
	}
	if err != nil {
		return Script{}, fault.New(fault.Invalid, "script.file_is_wrong")
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return Script{}, fault.New(fault.Invalid, "script.unknown_word", "Word", unknown[0].String())
	}
	s = s.tidy()
	return s, s.Check()
}
