package planted

import (
	"crypto/rand"          // want `import of crypto/rand in consensus code`
	mathrand "math/rand"   // want `import of math/rand in consensus code`
	newrand "math/rand/v2" // want `import of math/rand/v2 in consensus code`
	"os"
	"runtime"
	"time"
	_ "unsafe" // want `import of unsafe in consensus code`
)

func clock(deadline time.Time) time.Duration {
	now := time.Now                        // want `use of time.Now in consensus code`
	time.Sleep(time.Second)                // want `use of time.Sleep`
	<-time.After(time.Second)              // want `use of time.After`
	_ = time.NewTimer(time.Second)         // want `use of time.NewTimer`
	_ = time.NewTicker(time.Second)        // want `use of time.NewTicker`
	_ = time.Tick(time.Second)             // want `use of time.Tick`
	time.AfterFunc(time.Second, func() {}) // want `use of time.AfterFunc`
	_ = time.Until(deadline)               // want `use of time.Until`
	_ = deadline.Local()                   // want `use of \(time.Time\).Local`
	_ = deadline.In(time.Local)            // want `use of time.Local`
	return time.Since(now())               // want `use of time.Since`
}

func draw() (int, int) {
	rand.Read(nil)
	return mathrand.Int(), newrand.Int()
}

func environment() string {
	_, _ = os.LookupEnv("HOME") // want `use of os.LookupEnv`
	_ = os.Environ()            // want `use of os.Environ`
	_, _ = os.Hostname()        // want `use of os.Hostname`
	_ = os.Getpid()             // want `use of os.Getpid`
	_ = runtime.NumCPU()        // want `use of runtime.NumCPU`
	_ = runtime.GOMAXPROCS(0)   // want `use of runtime.GOMAXPROCS`
	_ = runtime.NumGoroutine()  // want `use of runtime.NumGoroutine`
	return os.Getenv("HOME")    // want `use of os.Getenv`
}

func concurrent(a, b chan int) {
	go close(a) // want `go statement in consensus code`
	select {    // want `select statement in consensus code`
	case <-a:
	case <-b:
	}
}
