// Reads {cases: […]} and says for each case whether its receiver believes it. `receivers`, made beside this
// file, has the receiver of each scheme.
package main

import (
	"encoding/json"
	"net/http"
	"os"
)

type asked struct {
	Cases []struct {
		Scheme    string
		Headers   [][2]string
		Body      []byte
		Secrets   []string
		Arguments []interface{}
	}
}

type verdict struct {
	Good   bool   `json:"good"`
	Reason string `json:"reason"`
}

// given has the arguments after headers, body and secrets.
type given []interface{}

func (g given) text(at int) string  { return g[at].(string) }
func (g given) number(at int) int64 { return int64(g[at].(float64)) }

func main() {
	var questions asked
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		panic(err)
	}
	verdicts := []verdict{}
	for _, one := range questions.Cases {
		headers := http.Header{}
		for _, header := range one.Headers {
			headers.Add(header[0], header[1])
		}
		err := receivers[one.Scheme](headers, one.Body, one.Secrets, given(one.Arguments))
		if err == nil {
			verdicts = append(verdicts, verdict{Good: true})
		} else {
			verdicts = append(verdicts, verdict{Reason: err.Error()})
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(verdicts); err != nil {
		panic(err)
	}
}
