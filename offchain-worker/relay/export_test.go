package relay

import "time"

// SetReadBase changes the time that every body has, whatever its size.
func (s *Server) SetReadBase(base time.Duration) { s.readBase = base }
