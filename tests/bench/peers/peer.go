// The peer in Go: net/http and database/sql with Debian's driver. Key, statement and JSON, and nothing else. Statements
// come from the environment, as for all peers.
package main

import (
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"

	_ "github.com/go-sql-driver/mysql"
)

var database *sql.DB

func prepare(name string) *sql.Stmt {
	statement, err := database.Prepare(os.Getenv(name))
	if err != nil {
		log.Fatal(name, ": ", err)
	}
	return statement
}

// Rows become maps; numbers come as such from the binary protocol, everything else as bytes.
func read(rows *sql.Rows) ([]map[string]any, error) {
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	found := []map[string]any{}
	for rows.Next() {
		cells := make([]any, len(names))
		places := make([]any, len(names))
		for i := range cells {
			places[i] = &cells[i]
		}
		if err := rows.Scan(places...); err != nil {
			return nil, err
		}
		row := make(map[string]any, len(names))
		for i, name := range names {
			if text, is := cells[i].([]byte); is {
				row[name] = string(text)
			} else {
				row[name] = cells[i]
			}
		}
		found = append(found, row)
	}
	return found, rows.Err()
}

func answer(out http.ResponseWriter, value any, err error) {
	if err != nil {
		http.Error(out, err.Error(), http.StatusInternalServerError)
		return
	}
	out.Header().Set("Content-Type", "application/json")
	json.NewEncoder(out).Encode(value)
}

func main() {
	var err error
	connections, _ := strconv.Atoi(os.Getenv("BENCH_CONNECTIONS"))
	database, err = sql.Open("mysql", "root@unix("+os.Getenv("BENCH_DATABASE")+")/clientele")
	if err != nil {
		log.Fatal(err)
	}
	database.SetMaxOpenConns(connections)
	database.SetMaxIdleConns(connections)
	key, license, hosting := prepare("BENCH_KEY"), prepare("BENCH_LICENSE"), prepare("BENCH_HOSTING")
	list, insert, entry := prepare("BENCH_LIST"), prepare("BENCH_INSERT"), prepare("BENCH_ENTRY")

	one := func(statement *sql.Stmt) http.HandlerFunc {
		return func(out http.ResponseWriter, request *http.Request) {
			rows, err := statement.Query(request.URL.RawQuery)
			if err != nil {
				answer(out, nil, err)
				return
			}
			found, err := read(rows)
			if err == nil && len(found) == 0 {
				http.NotFound(out, request)
				return
			}
			if err != nil {
				answer(out, nil, err)
				return
			}
			answer(out, found[0], nil)
		}
	}
	routes := http.NewServeMux()
	routes.HandleFunc("/license", one(license))
	routes.HandleFunc("/hosting", one(hosting))
	routes.HandleFunc("/list", func(out http.ResponseWriter, request *http.Request) {
		rows, err := list.Query()
		if err != nil {
			answer(out, nil, err)
			return
		}
		found, err := read(rows)
		answer(out, found, err)
	})
	routes.HandleFunc("/insert", func(out http.ResponseWriter, request *http.Request) {
		transaction, err := database.Begin()
		if err == nil {
			if _, err = transaction.Stmt(insert).Exec(request.URL.RawQuery); err == nil {
				_, err = transaction.Stmt(entry).Exec(request.URL.RawQuery)
			}
			if err == nil {
				err = transaction.Commit()
			} else {
				transaction.Rollback()
			}
		}
		answer(out, map[string]string{"code": request.URL.RawQuery}, err)
	})
	os.Remove(os.Getenv("BENCH_LISTEN"))
	listener, err := net.Listen("unix", os.Getenv("BENCH_LISTEN"))
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(listener, http.HandlerFunc(func(out http.ResponseWriter, request *http.Request) {
		var owner any
		hash := sha256.Sum256([]byte(request.Header.Get("X-Api-Key")))
		if key.QueryRow(hash[:]).Scan(&owner) != nil {
			http.Error(out, "The key is not known.", http.StatusUnauthorized)
			return
		}
		routes.ServeHTTP(out, request)
	})))
}
