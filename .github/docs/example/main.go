// Command quotes answers what a parcel costs.
package main

import (
	"io"
	"log"
	"net/http"

	"example.com/quotes/carrier"
)

func main() {
	api := carrier.New("https://api.northwind-parcels.com")
	http.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("GET /zones", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "A B C\n") })
	http.HandleFunc("GET /sizes", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "S M L\n") })
	http.HandleFunc("GET /terms", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "Within a week.\n") })
	http.HandleFunc("GET /hours", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "8 to 18\n") })
	http.HandleFunc("GET /quote", func(w http.ResponseWriter, r *http.Request) {
		body, err := api.Quote(r.Context(), r.URL.Query().Get("to"))
		if err != nil {
			http.Error(w, "no quote", http.StatusBadGateway)
			return
		}
		w.Write(body)
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
