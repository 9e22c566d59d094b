package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/hookfold/hookfold/fsm"
	"github.com/hookfold/hookfold/fsm/hook"
	"github.com/hookfold/hookfold/fsm/idv"
	"github.com/hookfold/hookfold/fsm/user"
)

// machines lists the state machines that can be shown.
func machines() []*fsm.Definition {
	return []*fsm.Definition{
		idv.Machine.Definition(), user.StatusMachine.Definition(), user.CategoryMachine.Definition(),
		user.KYCMachine.Definition(), user.SCAMachine.Definition(), user.InflowsMachine.Definition(),
		user.OutflowsMachine.Definition(), hook.Machine.Definition(), hook.StatusMachine.Definition(),
	}
}

// machineCmd shows the state machines.
type machineCmd struct {
	List machineListCmd `cmd:"" help:"List the state machines."`
	Show machineShowCmd `cmd:"" help:"Show one state machine."`
	Diff machineDiffCmd `cmd:"" help:"Tell what differs between two state machines, and whether outcomes do."`
}

// machineListCmd lists the state machines.
type machineListCmd struct {
	JSON bool `help:"Print JSON lines." name:"json"`
}

// Run prints one line a machine.
func (c *machineListCmd) Run(e env) error {
	if c.JSON {
		enc := json.NewEncoder(e.out)
		for _, d := range machines() {
			if err := enc.Encode(map[string]any{"name": d.Name, "states": d.States[1:], "events": d.Events, "cells": len(d.Cells)}); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(e.out, 0, 4, 2, ' ', 0)
	for _, d := range machines() {
		_, _ = fmt.Fprintf(w, "%s\t%d states\t%d events\t%s\n", d.Name, len(d.States)-1, len(d.Events), strings.Join(d.States[1:], " "))
	}
	return w.Flush()
}

// machineShowCmd shows one state machine.
type machineShowCmd struct {
	Name   string `arg:"" help:"Name of the machine: idv, status, category, kyc, sca, inflows, outflows, hook or hook_status."`
	Format string `help:"text, mermaid, dot, svg or json." enum:"text,mermaid,dot,svg,json" default:"text"`
}

// Run prints the machine.
func (c *machineShowCmd) Run(e env) error {
	for _, d := range machines() {
		if d.Name != c.Name {
			continue
		}
		_, err := e.out.Write(render(d, c.Format))
		return err
	}
	return exit(exitUsage, "no machine %q: see hookfold machine list", c.Name)
}

func render(d *fsm.Definition, format string) []byte {
	switch format {
	case "mermaid":
		return []byte(d.Mermaid())
	case "dot":
		return []byte(d.DOT())
	case "svg":
		return []byte(d.SVG())
	case "json":
		return d.JSON()
	default:
		return []byte(d.Text())
	}
}

// machineDiffCmd compares two tables.
type machineDiffCmd struct {
	Old string `arg:"" help:"What it was: a file that machine show --format json wrote, or the name of a machine of this build."`
	New string `arg:"" help:"What it is: likewise."`
}

// Run prints the difference. A file does not tell its machine's name, so both sides bear that of the new one.
func (c *machineDiffCmd) Run(e env) error {
	name := strings.TrimSuffix(filepath.Base(c.New), ".json")
	before, err := tableOf(name, c.Old)
	if err != nil {
		return err
	}
	after, err := tableOf(name, c.New)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(e.out, fsm.Diff(before, after).Text())
	return err
}

// tableOf reads the table of a machine. One of this build takes the way over JSON too, so that both sides hold the same.
func tableOf(name, arg string) (*fsm.Definition, error) {
	for _, d := range machines() {
		if d.Name == arg {
			return fsm.ReadJSON(name, d.JSON())
		}
	}
	data, err := os.ReadFile(arg)
	if err != nil {
		return nil, exit(exitUnreachable, "no machine of this build and no readable file: %w", err)
	}
	d, err := fsm.ReadJSON(name, data)
	if err != nil {
		return nil, exit(exitBadInput, "%s: %w", arg, err)
	}
	return d, nil
}
