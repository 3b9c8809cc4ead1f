// Answers what Swarm makes of templates: the functions and fields of swarmkit's template package
// around Go's own text/template. Reads cases as JSON, writes answers as JSON.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/template"
)

type platform struct{ Architecture, OS string }

type Context struct {
	Service struct {
		ID, Name string
		Labels   map[string]string
	}
	Node struct {
		ID, Hostname string
		Platform     platform
	}
	Task struct{ ID, Name, Slot string }
}

type payload struct {
	Context
	secrets map[string]string
}

type facts struct {
	Secrets, Configs, Labels                                           map[string]string
	Service, ServiceID, Task, TaskID, Slot, NodeID, Hostname, Arch, OS string
}

type question struct {
	Template string
	Env      map[string]string
}

type answer struct {
	Text  string `json:"text"`
	Error string `json:"error"`
}

type limited struct {
	bytes.Buffer
}

func (w *limited) Write(p []byte) (int, error) {
	if w.Len()+len(p) > 4<<20 {
		return 0, fmt.Errorf("too much output")
	}
	return w.Buffer.Write(p)
}

func lookup(what string, values map[string]string) func(string) (string, error) {
	return func(name string) (string, error) {
		if value, ok := values[name]; ok {
			return value, nil
		}
		return "", fmt.Errorf("%s target %s not found", what, name)
	}
}

func ask(q question, f facts) answer {
	var dot payload
	dot.secrets = f.Secrets
	dot.Service.ID, dot.Service.Name, dot.Service.Labels = f.ServiceID, f.Service, f.Labels
	dot.Node.ID, dot.Node.Hostname = f.NodeID, f.Hostname
	dot.Node.Platform = platform{f.Arch, f.OS}
	dot.Task.ID, dot.Task.Name, dot.Task.Slot = f.TaskID, f.Task, f.Slot
	parsed, err := template.New("expansion").Option("missingkey=error").Funcs(template.FuncMap{
		"join":   func(s ...string) string { return strings.Join(s[1:], s[0]) },
		"env":    func(name string) (string, error) { return q.Env[name], nil },
		"secret": lookup("secret", f.Secrets),
		"config": lookup("config", f.Configs),
	}).Parse(q.Template)
	if err != nil {
		return answer{Error: err.Error()}
	}
	var out limited
	if err := parsed.Execute(&out, &dot); err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Text: out.String()}
}

func main() {
	var asked struct {
		Facts     facts
		Questions []question
	}
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		panic(err)
	}
	answers := make([]answer, 0, len(asked.Questions))
	for _, q := range asked.Questions {
		answers = append(answers, ask(q, asked.Facts))
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(answers); err != nil {
		panic(err)
	}
}
