package openapi

import (
	"strings"
)

// servers reads the Server Objects of 3.x.
func (d *description) servers(list place) []Server {
	var out []Server
	d.budget -= len(list.items())
	for _, item := range list.items() {
		s := d.store.resolve(item)
		key, value := s.find("url")
		url := strings.TrimSpace(value.text())
		if key == nil || d.budget < 0 {
			continue
		}
		out = append(out, Server{Position: s.at(key), URL: cleanURL(url), Endpoint: endpoint(d.withDefaults(url, s))})
	}
	return out
}

// withDefaults puts the default of each variable into a URL.
func (d *description) withDefaults(url string, server place) string {
	for _, e := range d.entries(server.get("variables")) {
		value := d.store.resolve(e.value).get("default").text()
		if value != "" && len(url) < 4096 && len(value) < 1024 {
			url = strings.ReplaceAll(url, "{"+e.name()+"}", value)
		}
	}
	return url
}

// swaggerServers makes servers of the host, basePath and schemes of 2.0.
func swaggerServers(root place) []Server {
	hostKey, host := root.find("host")
	pathKey, base := root.find("basePath")
	basePath := cleanURL(base.text())
	if basePath == "/" {
		basePath = ""
	}
	name := strings.TrimSpace(host.text())
	if name == "" {
		if basePath == "" {
			return nil
		}
		return []Server{{Position: root.at(pathKey), URL: basePath}}
	}
	// Some write a whole URL where only the host belongs.
	if _, rest, ok := strings.Cut(name, "://"); ok {
		name = rest
	}
	name = strings.TrimPrefix(cleanURL("//"+name), "//")
	schemes := root.get("schemes").texts()
	if len(schemes) == 0 {
		e := endpoint("https://" + name)
		if e != nil {
			e.Scheme = "" // that of whoever serves the description
		}
		return []Server{{Position: root.at(hostKey), URL: "//" + name + basePath, Endpoint: e}}
	}
	var out []Server
	for _, scheme := range schemes {
		url := scheme + "://" + name + basePath
		out = append(out, Server{Position: root.at(hostKey), URL: cleanURL(url), Endpoint: endpoint(url)})
	}
	return out
}
