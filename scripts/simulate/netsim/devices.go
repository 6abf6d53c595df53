package netsim

// fail puts a device's next failure on the agenda.
func (m *market) fail(i int32) {
	if m.config.FailuresPerHour > 0 {
		after := m.luck.exponential(drawFailure, uint64(i), uint64(m.failures[i]), 0) / m.config.FailuresPerHour * hour
		m.agenda.add(event{at: m.now + after, kind: broke, device: i, turn: m.failures[i]})
	}
}

// breakDown stops a device without a word: what runs on it is lost, and the chain learns of it only when a result doesn't come.
func (m *market) breakDown(e event) {
	i := e.device
	m.failures[i]++
	m.up[i] = false
	for _, j := range m.running[i] {
		if j != nobody {
			m.progress[j].lost = true
		}
	}
	after := repair * m.luck.exponential(drawRepair, uint64(i), uint64(m.failures[i]), 0)
	m.agenda.add(event{at: m.now + after, kind: mended, device: i, turn: m.failures[i]})
}

// mend brings a device back that was broken or out.
func (m *market) mend(e event) {
	i := e.device
	if e.turn != m.failures[i] {
		return // It failed again since.
	}
	if !m.up[i] {
		m.up[i] = true
		m.fail(i)
	}
	m.out[i] = false
	m.update(i, m.present(int(i), int(m.now/hour)))
}

// strike lets a sixtieth of the devices come and go; those that are broken can't tell the chain.
func (m *market) strike(e event) {
	m.agenda.add(event{at: e.at + 60, kind: struck})
	at := int(e.at / hour)
	for i := int(e.at/60) % 60; i < len(m.devices); i += 60 {
		if m.open[i] && at < m.config.Hours {
			m.tally.present(i, m.inUse[i])
		}
		if m.up[i] && !m.out[i] {
			m.update(int32(i), m.present(i, at))
		}
	}
}
