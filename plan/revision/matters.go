package revision

import "regexp"

// Files matches the files that can change a finding. The pre-commit hooks start on the
// same ones.
const Files = `(?i)(^|/)(go\.(mod|sum|work)|modules\.txt|atlas\.sum)$|\.(go|ya?ml|json|toml|ini|properties|proto|tf|sql|jmx)(\.(example|sample|dist|te?mpl|tpl|template|default))?$|(^|[/.])(dockerfile|containerfile)(\.[^/]*)?$|(^|[/._-])(dot)?env(rc)?([._-][^/]*)?$`

var matters = regexp.MustCompile(Files)
