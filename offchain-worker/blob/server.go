package blob

import (
	"errors"
	"net/http"
	"os"
	"strconv"
	"time"
)

// Results tells which blob is the result of a job.
type Results interface {
	// Result is false when this worker has no result of the job to give.
	Result(chainID string, job uint64) (Root, bool)
}

// Handler serves a store, read-only:
//
//	GET /blobs/<root>           the blob with this root, 64 lower-case hexadecimal characters
//	GET /results/<chain>/<job>  the blob of a job's result, its root in the header X-Assay-Root; absent without results
//
// A root names its contents, so that answers never change and the reader verifies them alone.
func Handler(store *Store, results Results) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /blobs/{root}", func(w http.ResponseWriter, r *http.Request) {
		root, err := ParseRootHex(r.PathValue("root"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		serve(w, r, store, root)
	})
	if results != nil {
		mux.HandleFunc("GET /results/{chain}/{job}", func(w http.ResponseWriter, r *http.Request) {
			job, err := strconv.ParseUint(r.PathValue("job"), 10, 64)
			if err != nil {
				http.Error(w, "the job must be a number", http.StatusBadRequest)
				return
			}
			root, ok := results.Result(r.PathValue("chain"), job)
			if !ok {
				http.Error(w, "no result of this job is here", http.StatusNotFound)
				return
			}
			serve(w, r, store, root)
		})
	}
	return mux
}

func serve(w http.ResponseWriter, r *http.Request, store *Store, root Root) {
	file, err := store.Open(root)
	if err != nil {
		status := http.StatusInternalServerError
		if errors.Is(err, ErrNotFound) {
			status = http.StatusNotFound
		}
		http.Error(w, http.StatusText(status), status)
		return
	}
	defer closeRead(file)
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("X-Assay-Root", root.String())
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, "", time.Time{}, file)
}

// closeRead closes a file that was only read, where closing has nothing to lose.
func closeRead(file *os.File) { _ = file.Close() }

// NewServer wraps a handler with the limits a public endpoint needs. It accepts no bodies worth mentioning.
func NewServer(address string, handler http.Handler) *http.Server {
	return &http.Server{
		Addr:              address,
		Handler:           http.MaxBytesHandler(handler, 1<<10),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      5 * time.Minute,
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}
}
