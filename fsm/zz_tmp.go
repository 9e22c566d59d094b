package fsm

func (d *Definition) Arrow(from, to string, v Verdict) bool {
	for _, c := range d.Cells {
		if c.From == from && c.Next == to && c.Verdict == v {
			return true
		}
	}
	return false
}

func (d *Definition) Reaches(from, to string) bool {
	seen := map[string]bool{}
	work := []string{from}
	for len(work) > 0 {
		s := work[0]
		work = work[1:]
		for _, c := range d.Cells {
			if c.From == s && c.Verdict == Applied && !seen[c.Next] {
				seen[c.Next] = true
				work = append(work, c.Next)
			}
		}
	}
	return seen[to]
}
