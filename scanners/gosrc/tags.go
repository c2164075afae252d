package gosrc

import (
	"go/ast"
	"go/types"
	"reflect"
	"strconv"
	"strings"

	"github.com/intscan/intscan/scanners"
)

// envTagKeys are the struct tags by which configuration libraries name
// environment variables: caarlos0/env, sethvargo/go-envconfig and cleanenv use
// env, kelseyhightower/envconfig envconfig, kong env, conf libraries conf.
var envTagKeys = []string{"env", "envconfig", "envvar", "environment", "conf-env"}

// structFields records the fields of a struct with their types, and the
// environment variables that their tags name.
func (s *summarizer) structFields(t *Type, st *ast.StructType) {
	s.named[st] = true
	for _, f := range st.Fields.List {
		sym := s.exprTypeSymbol(f.Type)
		for _, n := range f.Names {
			t.Fields[n.Name] = sym
			s.envTag(t.Symbol+"."+n.Name, f)
		}
		if len(f.Names) == 0 {
			t.Embeds = append(t.Embeds, sym)
			name := sym[strings.LastIndexByte(sym, '.')+1:]
			t.Fields[name] = sym
		}
	}
}

// anonymousTags records the variables that the fields of an unnamed struct name: one
// within a configuration struct, or the type of a variable.
func (s *summarizer) anonymousTags(st *ast.StructType) {
	if s.named[st] {
		return
	}
	for _, f := range st.Fields.List {
		for _, n := range f.Names {
			if v, ok := s.info.Defs[n].(*types.Var); ok {
				s.envTag(s.fieldOf(nil, v), f)
			}
		}
	}
}

func (s *summarizer) envTag(field string, f *ast.Field) {
	if f.Tag == nil {
		return
	}
	raw, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return
	}
	tag := reflect.StructTag(raw)
	for _, key := range envTagKeys {
		val, ok := tag.Lookup(key)
		if !ok {
			continue
		}
		for name := range strings.SplitSeq(val, ",") {
			name = strings.TrimSpace(name)
			if !isEnvName(name) {
				if key == "env" || key == "envconfig" {
					break // options follow the name
				}
				continue
			}
			et := EnvTag{Name: name, Field: field, At: s.at(f), Secret: scanners.SecretName(name)}
			for _, d := range []string{"envDefault", "env-default", "default"} {
				if v, ok := tag.Lookup(d); ok {
					et.HasDef = true
					if !et.Secret && !scanners.SecretValue(v) {
						et.Default = v
					}
				}
			}
			if _, d, ok := strings.Cut(val, "default="); ok {
				et.HasDef = true
				if !et.Secret && !scanners.SecretValue(d) {
					et.Default = d
				}
			}
			s.pkg.Tags = append(s.pkg.Tags, et)
			if key != "env" || strings.Contains(val, "default=") {
				break
			}
		}
	}
}

// isEnvName: upper case by custom, which tells a name from an option.
func isEnvName(s string) bool {
	if s == "" || s != strings.ToUpper(s) || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r != '_' && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
}
