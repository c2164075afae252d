package detect

import (
	"slices"
	"strings"

	"github.com/intscan/intscan/scanners"
	"github.com/intscan/intscan/scanners/gosrc"
)

// envReaders are the functions that read environment variables, with the
// argument that names the variable; the names after it, for those with several.
var envReaders = map[string]int{
	"os.Getenv": 0, "os.LookupEnv": 0, "syscall.Getenv": 0,
	"github.com/joho/godotenv.Read":    -1,
	"github.com/urfave/cli/v3.EnvVar":  0,
	"github.com/urfave/cli/v3.EnvVars": 0,
}

// variable is a Variable in the making.
type variable struct {
	reads, defined []scanners.Position
	secret, hasDef bool
}

type variables map[string]*variable

func (vs variables) get(name string) *variable {
	v := vs[name]
	if v == nil {
		v = &variable{secret: scanners.SecretName(name)}
		vs[name] = v
	}
	return v
}

func (vs variables) read(name string, at scanners.Position) *variable {
	v := vs.get(name)
	if at.File != "" && !slices.Contains(v.reads, at) {
		v.reads = append(v.reads, at)
	}
	return v
}

func (vs variables) define(name string, at scanners.Position, secret bool) {
	v := vs.get(name)
	v.secret = v.secret || secret
	if !slices.Contains(v.defined, at) {
		v.defined = append(v.defined, at)
	}
}

// variables joins where the code reads each environment variable with where the
// repository's files define it, and with the system that it names.
func (inv *inventory) variables() []Variable {
	vs := variables{}
	inv.codeReads(vs)
	for _, f := range inv.f.EnvFiles {
		for _, v := range f.Variables {
			vs.define(v.Name, v.Position, v.Secret)
		}
	}
	for _, pr := range inv.f.Projects {
		for _, s := range pr.Services {
			for _, v := range s.Environment {
				if _, read := vs[v.Name]; read || s.Build != nil {
					vs.define(v.Name, v.Position, v.Secret)
				}
			}
		}
		for _, r := range pr.References {
			if !hashPart(r.Name) {
				vs.read(r.Name, r.Position)
			}
		}
	}
	for _, d := range inv.f.Docker {
		for _, v := range d.Env {
			if vs[v.Name] != nil {
				vs.define(v.Name, v.Position, v.Secret)
			}
		}
	}
	for _, w := range inv.f.Kube.Workloads {
		for _, c := range w.Containers {
			for _, v := range c.Env {
				if vs[v.Name] != nil {
					vs.define(v.Name, v.Position, v.Secret)
				}
			}
		}
	}
	out := []Variable{}
	for _, name := range sortedKeys(vs) {
		v := vs[name]
		slices.SortFunc(v.reads, scanners.Position.Compare)
		slices.SortFunc(v.defined, scanners.Position.Compare)
		out = append(out, Variable{
			Name: name, Reads: orEmpty(v.reads), Defined: orEmpty(v.defined), Secret: v.secret, Default: v.hasDef,
			Integration: inv.attachVariable(name, v),
		})
	}
	return out
}

// linkVariables ties variables whose name says nothing (DATABASE_URL) to the one
// integration that was found to hang on them.
func linkVariables(r *Result) {
	for i := range r.Variables {
		v := &r.Variables[i]
		var of []string
		for _, in := range r.Integrations {
			if slices.Contains(in.Variables, v.Name) {
				of = append(of, in.ID)
			}
		}
		if v.Integration == "" && len(of) == 1 {
			v.Integration = of[0]
		}
	}
}

func orEmpty(ps []scanners.Position) []scanners.Position {
	if ps == nil {
		return []scanners.Position{}
	}
	return ps
}

// attachVariable makes a variable that the code reads evidence of the integration
// that it names, where the code talks to that.
func (inv *inventory) attachVariable(name string, v *variable) string {
	sys := inv.p.cat.Variable(name)
	if sys == nil {
		return ""
	}
	e := inv.found[inv.spoken(sys)]
	if e == nil {
		return ""
	}
	for i, at := range v.reads {
		if i < 3 && strings.HasSuffix(at.File, ".go") {
			e.add(e.declares(), weightVariable, scanners.SourceGo, at, "reads "+name)
		}
	}
	if len(v.reads) > 0 {
		e.vars[name] = true
	}
	return e.system
}

// codeReads finds the variables that Go code reads, directly, through functions of
// the repository, and through configuration libraries.
func (inv *inventory) codeReads(vs variables) {
	viper := viperUse{defaults: map[string]bool{}}
	for _, pkg := range inv.p.pkgs {
		for _, t := range pkg.Tags {
			v := vs.read(t.Name, t.At)
			v.hasDef = v.hasDef || t.HasDef
		}
		for _, st := range pkg.Stores {
			inv.flagVariables(vs, st)
		}
		for _, f := range pkg.Funcs {
			for _, c := range f.Calls {
				inv.readCall(vs, c)
				viper.call(inv.p, c)
			}
		}
	}
	viper.finish(vs)
	inv.envconfig(vs)
}

func (inv *inventory) readCall(vs variables, c *gosrc.Call) {
	i, ok := envReaders[c.Callee]
	if !ok || i < 0 || i >= len(c.Args) {
		return
	}
	for _, a := range c.Args[i:] {
		for _, o := range inv.p.origins(a) {
			if o.Kind == gosrc.Const && validVariable(o.Text) {
				vs.read(o.Text, o.At)
			}
		}
	}
}

// hashPart: what looks like a reference in a compose file may be a part of a
// password hash whose dollar signs nobody escaped ("$apr1$Salt$Hash").
func hashPart(name string) bool {
	switch name {
	case "apr1", "argon2i", "argon2id", "pbkdf2":
		return true
	}
	return strings.ContainsAny(name, "0123456789") && strings.ToUpper(name) != name && strings.ToLower(name) != name && !strings.Contains(name, "_")
}

func validVariable(name string) bool {
	return name != "" && len(name) < 100 && !strings.ContainsFunc(name, func(r rune) bool {
		return r != '_' && r != '.' && r != '-' && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
}

// flagVariables reads the EnvVars of urfave/cli flags.
func (inv *inventory) flagVariables(vs variables, st gosrc.Store) {
	if !strings.Contains(st.Symbol, "urfave/cli") || !strings.HasSuffix(st.Symbol, ".EnvVars") && !strings.HasSuffix(st.Symbol, ".EnvVar") {
		return
	}
	vals := []*gosrc.Value{st.Value}
	if st.Value.Kind == gosrc.List {
		vals = st.Value.Args
	}
	for _, v := range vals {
		for _, o := range inv.p.origins(v) {
			if o.Kind == gosrc.Const {
				for name := range strings.SplitSeq(o.Text, ",") {
					if name = strings.TrimSpace(name); validVariable(name) {
						vs.read(name, o.At)
					}
				}
			}
		}
	}
}

// viperUse gathers what the repository tells spf13/viper.
type viperUse struct {
	automatic bool
	prefix    string
	keys      []viperKey
	bound     []viperKey
	defaults  map[string]bool
}

type viperKey struct {
	name string
	at   scanners.Position
}

const viperPackage = "github.com/spf13/viper"

func (u *viperUse) call(p *program, c *gosrc.Call) {
	if packageOf(c.Callee) != viperPackage {
		return
	}
	name := c.Callee[strings.LastIndexByte(c.Callee, '.')+1:]
	text := func(i int) (viperKey, bool) {
		if i >= len(c.Args) {
			return viperKey{}, false
		}
		for _, o := range p.origins(c.Args[i]) {
			if o.Kind == gosrc.Const && o.Text != "" {
				return viperKey{o.Text, o.At}, true
			}
		}
		return viperKey{}, false
	}
	switch {
	case name == "AutomaticEnv":
		u.automatic = true
	case name == "SetEnvPrefix":
		if k, ok := text(0); ok {
			u.prefix = k.name
		}
	case name == "BindEnv":
		if k, ok := text(1); ok {
			for i := 1; ok; i++ {
				u.bound = append(u.bound, k)
				k, ok = text(i + 1)
			}
		} else if k, ok := text(0); ok {
			u.keys = append(u.keys, k)
			u.automatic = true
		}
	case name == "SetDefault":
		if k, ok := text(0); ok {
			u.keys = append(u.keys, k)
			u.defaults[k.name] = true
		}
	case strings.HasPrefix(name, "Get") && name != "GetViper" || name == "IsSet" || name == "Sub":
		if k, ok := text(0); ok {
			u.keys = append(u.keys, k)
		}
	}
}

func (u *viperUse) finish(vs variables) {
	for _, k := range u.bound {
		vs.read(k.name, k.at)
	}
	if !u.automatic {
		return
	}
	for _, k := range u.keys {
		name := strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(k.name))
		if u.prefix != "" {
			name = strings.ToUpper(u.prefix) + "_" + name
		}
		if validVariable(name) {
			v := vs.read(name, k.at)
			v.hasDef = v.hasDef || u.defaults[k.name]
		}
	}
}

// envconfig derives names from struct fields, as kelseyhightower/envconfig does:
// the prefix and the field's name, in upper case.
func (inv *inventory) envconfig(vs variables) {
	for _, pkg := range inv.p.pkgs {
		for _, f := range pkg.Funcs {
			for _, c := range f.Calls {
				if c.Callee != "github.com/kelseyhightower/envconfig.Process" && c.Callee != "github.com/kelseyhightower/envconfig.MustProcess" || len(c.Args) < 2 {
					continue
				}
				prefix := ""
				for _, o := range inv.p.origins(c.Args[0]) {
					if o.Kind == gosrc.Const {
						prefix = strings.ToUpper(o.Text)
					}
				}
				inv.envconfigFields(vs, prefix, c.Args[1].Type, c.At, 0)
			}
		}
	}
}

// envconfigFields reads the fields of a type, those of structs in it under the name
// of the field that holds them.
func (inv *inventory) envconfigFields(vs variables, prefix, typ string, at scanners.Position, depth int) {
	t := inv.p.types[typ]
	if t == nil || depth > 8 {
		return
	}
	for _, field := range sortedKeys(t.Fields) {
		name, at := strings.ToUpper(field), at
		tag, tagged := inv.p.tags[typ+"."+field]
		if tagged {
			name, at = tag.Name, tag.At
			if prefix != "" {
				delete(vs, tag.Name)
			}
		}
		if prefix != "" {
			name = prefix + "_" + name
		}
		if inner := inv.p.types[t.Fields[field]]; inner != nil && len(inner.Fields) > 0 {
			inv.envconfigFields(vs, name, t.Fields[field], at, depth+1)
			continue
		}
		if validVariable(name) {
			v := vs.read(name, at)
			v.hasDef = v.hasDef || tagged && tag.HasDef
		}
	}
}
