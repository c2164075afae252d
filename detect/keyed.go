package detect

import (
	"strings"

	"github.com/intscan/intscan/scanners/gosrc"
)

// keyedDefault is the default of a field that a configuration library decodes into by
// its key: viper.SetDefault("redis.read_timeout", "750ms") before viper.Unmarshal(&cfg)
// is that of cfg.Redis.ReadTimeout. "" for none, or where the key is not clear.
func (p *program) keyedDefault(field *gosrc.Value) string {
	if len(p.viperDefaults) == 0 || !p.unmarshals() {
		return ""
	}
	owner, name := cutSymbol(field.Name)
	_, section := cutSymbol(owner)
	if field.X != nil && field.X.Kind == gosrc.Field {
		_, section = cutSymbol(field.X.Name)
	}
	var found []*gosrc.Value
	for _, key := range sortedKeys(p.viperDefaults) {
		path := strings.Split(key, ".")
		last := len(path) - 1
		if squeezed(path[last]) != squeezed(name) {
			continue
		}
		if last == 0 || strings.Contains(squeezed(section), squeezed(path[last-1])) {
			found = append(found, p.viperDefaults[key]...)
		}
	}
	if len(found) != 1 {
		return ""
	}
	text, _ := p.duration(found[0])
	return text
}

// squeezed spells a key and a field's name the same: read_timeout, ReadTimeout.
func squeezed(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
}

// unmarshals: the program decodes its configuration into structs with viper or koanf.
func (p *program) unmarshals() bool {
	if p.decodes == nil {
		found := false
		p.everyCall(func(c *gosrc.Call) {
			_, name := cutSymbol(c.Callee)
			found = found || strings.HasPrefix(name, "Unmarshal") && (packageOf(c.Callee) == viperPackage || strings.HasPrefix(packageOf(c.Callee), koanfPackage))
		})
		p.decodes = &found
	}
	return *p.decodes
}

const koanfPackage = "github.com/knadh/koanf"
