package main

import (
	"encoding/json"
	"fmt"
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
