package gosrc

import "github.com/intscan/intscan/scanners"

// A symbol names a declared thing the same way everywhere: "net/http.Get",
// "net/http.Client.Do" (pointer receivers and type arguments dropped),
// "net/http.Client.Timeout" (a field), "example.com/shop/store.DB" (a variable).

// Package is the summary of one package: what its functions call, and with what.
// It is made without knowledge of the importers.
type Package struct {
	Path   string // import path; for packages outside any module the folder
	Name   string
	Dir    string // relative to the root
	Module string // path of its module; "" outside any
	Scope  Scope
	Mode   Mode
	// Missing are imports whose declarations could not be read.
	Missing []string
	Files   []File
	Tests   []*TestFile
	Imports []Import
	Funcs   []*Func
	Types   []*Type
	// Stores are values put into fields and package variables, wherever in the
	// package that happens.
	Stores []Store
	// Effects are what is done to things that only a symbol names: fields and
	// package variables.
	Effects map[string][]Effect
	Tags    []EnvTag
	Strings []String
	// Converted are the functions turned into a named function type, whose methods
	// may call them: handler(s.list).
	Converted map[string][]*Value
	// Uses are the symbols of other packages that the code names, with the first
	// place of each.
	Uses map[string]scanners.Position
	// Tested are the strings that the code compares with "" or measures with len.
	Tested []*Value
	// Cut are places where a bound of the analysis was reached: what lies beyond
	// is not known.
	Cut []scanners.Position
}

// File is one source file of a package.
type File struct {
	Path      string
	Generated bool
	Generator string // the tool that wrote it: mockgen, sqlc
	Test      bool
	Lines     int
}

// Import is one import of a non-test file.
type Import struct {
	Path  string
	At    scanners.Position
	Blank bool // import _ "path"
	Test  bool // imported by a _test.go file
}

// String is a string literal or constant that looks like an address.
type String struct {
	Value string // never with user information
	At    scanners.Position
	Fn    *Func // the function it stands in; nil at package level
}

// EnvTag is a struct field whose tag names an environment variable.
type EnvTag struct {
	Name    string // as the tag has it, with the prefixes of enclosing fields
	Field   string // symbol of the field
	Default string
	HasDef  bool
	Secret  bool
	At      scanners.Position
}

// Type is a declared type with what linking needs of it.
type Type struct {
	Symbol    string
	At        scanners.Position
	Interface bool
	// Methods maps the names of the type's methods (promoted ones included) to
	// their signature, in a notation that is equal for identical signatures.
	Methods map[string]string
	// Embeds are the symbols of embedded types.
	Embeds []string
	// Fields maps field names to the symbols of their types.
	Fields map[string]string
	// Promoted maps promoted method names to the symbol of the method.
	Promoted map[string]string
}

// Func is a function, a method or a function literal.
type Func struct {
	Pkg    *Package
	Symbol string // "" for a literal
	Name   string // for people: "(*example.com/shop.Store).Get", "... func literal"
	At     scanners.Position
	Recv   string // symbol of the receiver's type
	// Params are the parameters' types (symbols), receiver not counted.
	Params   []string
	Variadic bool
	Parent   *Func // of a literal
	Lit      bool
	Exported bool
	// Calls in source order; those in nested literals belong to the literals.
	Calls []*Call
	// Returns are the values of each return statement.
	Returns [][]*Value
	// ParamEffects is what is done to parameters, by index; -1 is the receiver.
	ParamEffects map[int][]Effect
	// ParamStores are the values assigned through pointer parameters: *p = v.
	ParamStores map[int][]*Value
	// Selects are the select statements that wait for one of several channels, and
	// Sends the channels that the function sends to.
	Selects []Select
	Sends   []*Value
}

// Select is a select statement without a default clause.
type Select struct {
	At    scanners.Position
	Cases []SelectCase
}

// SelectCase is a clause that receives.
type SelectCase struct {
	Channel *Value
	// Leaves: the waiting is over with this clause; in a loop the others go on.
	Leaves bool
}

// Call is a call expression.
type Call struct {
	Fn *Func
	At scanners.Position
	// Callee is the symbol called; "" where only a function value is known.
	// With unresolved types it may be "?.Name": the method Name of a value whose
	// type is not known.
	Callee string
	// Method is set for method calls; Interface where the receiver is an interface.
	Method, Interface bool
	Recv              *Value
	Args              []*Value
	Func              *Value // the function value called, when Callee is ""
	// Context: the first parameter is a context.Context. Error: the last result
	// is an error. Typed: the two are known from types, else guessed.
	Context, Error, Typed bool
	Params                []string // symbols of the parameter types, where known; "any" takes anything
	Results               []string // symbols of the result types, where known
	Variadic              bool
	Go                    bool // started as a goroutine
	// Loop is the innermost loop around it in the same function; nil for none.
	Loop *Loop
	// Dropped: it returns an error that is assigned to _ or not taken at all.
	// Deferred: it runs when the function ends.
	Dropped, Deferred bool
	// Body says what becomes of the *http.Response that it returns first.
	Body BodyUse
	// Guarded: it stands in a branch that does not always run. IfSet: in one that runs
	// where its second argument is above zero: if c.limit > 0 { ... WithTimeout(ctx, c.limit) }.
	Guarded, IfSet bool
	// Again is where the function makes the call a second time after it failed, set
	// on both; the zero position for others.
	Again scanners.Position
	// Failed: because something failed, or after a wait, the function calls itself here
	// or what is named for doing a thing once more.
	Failed bool
}

// BodyUse says what a function does with the body of an HTTP response.
type BodyUse uint8

// The uses of a body.
const (
	BodyUnknown BodyUse = iota
	BodyClosed          // the function closes it
	BodyPassed          // it leaves the function: returned, stored, handed on
	BodyOpen            // it stays in the function and is not closed there
)

// Loop is a for statement.
type Loop struct {
	At     scanners.Position
	Outer  *Loop
	Range  bool // over a collection: its turns are not attempts
	Retry  bool // it tries again what failed
	Sleeps bool // waits between turns
	Ticker bool // driven by a ticker or timer
	// Pauses: each turn waits, not only one that failed.
	Pauses bool
	// Endless loops go on after a failure and never leave on success: a poller, a
	// consumer, a periodic job.
	Endless bool
	// Final are the lines, first and last, of what is not done again when it fails:
	// "x, err := read(); if err != nil { return }", or what stands in a branch that
	// leaves the loop.
	Final [][2]int
	// Attempts tells more of a loop that tries again; nil for others.
	Attempts *Attempts
	// Over is the collection whose elements it goes over, and Limits says that it
	// takes a place of a bounded number in each turn.
	Over   *Value
	Limits bool
}

// Store is a value put into a field or package variable.
type Store struct {
	Symbol string
	Value  *Value
	At     scanners.Position
	Fn     *Func
	// Guarded: it stands in a branch that does not always run.
	Guarded bool
}

// EffectKind says what is done to a value.
type EffectKind uint8

// The kinds of effects.
const (
	EffectField  EffectKind = iota // v.Field = Value
	EffectMethod                   // v.Method(...)
	EffectArg                      // f(..., v, ...)
)

// Effect is something done to a value after it was made.
type Effect struct {
	Kind  EffectKind
	Name  string // EffectField: symbol of the field
	Value *Value
	Call  *Call // EffectMethod, EffectArg
	Index int   // EffectArg: which argument
	// Copy: the field set is of a struct held by value; of a parameter, the caller's
	// struct keeps what it has.
	Copy bool
	// On is the field or variable, where only a symbol names what it is done to.
	On *Value
	At scanners.Position
	// Maybe: it stands in a branch, loop or literal, or is done to one of several
	// values. Missing: only where nothing is there yet, "if c.limit == 0 { c.limit = d }".
	Maybe, Missing bool
}

// ValueKind says where a value comes from.
type ValueKind uint8

// The kinds of values.
const (
	Opaque    ValueKind = iota // not known
	Const                      // Text is the constant
	Nil                        // nil (Text is "nil"), or the zero value of a declared variable
	Param                      // parameter Index of Fn; -1 is the receiver
	Result                     // result Index of Call
	Field                      // field Name of X
	Global                     // package variable Name
	Composite                  // a literal of type Type with Fields, or a copy of X that is changed
	Closure                    // function literal Fn
	FuncRef                    // function or method Name; X its receiver, if bound
	Union                      // one of Args; the first Index of them only where the others are nil or zero
	Concat                     // Args joined, strings or arithmetic (Name is the operator)
	Element                    // an element of X
	List                       // a slice or map with elements Args
)

// Value is where an expression's value comes from, in symbols. Nodes of kinds
// Composite, Result, List and Closure stand for the thing made: what is done to it
// later in the function is in Effects.
type Value struct {
	Kind    ValueKind
	Text    string
	Name    string
	Type    string // symbol of the value's type, where known
	Index   int
	Fn      *Func
	Call    *Call
	X       *Value
	Args    []*Value
	Fields  []FieldValue
	Effects []Effect
	At      scanners.Position
}

// FieldValue is one field of a composite literal.
type FieldValue struct {
	Name  string
	Value *Value
	At    scanners.Position
}

// Mode says how much was known when a package was summarised.
type Mode string

// The modes.
const (
	ModeTypes   Mode = "types"   // all imports' declarations were read
	ModePartial Mode = "partial" // some were missing
	ModeSyntax  Mode = "syntax"  // none were read
)

// Scope says what part of the repository's life a package belongs to.
type Scope string

// The scopes of packages.
const (
	ScopeRuntime     Scope = "runtime"
	ScopeTest        Scope = "test"
	ScopeDevelopment Scope = "development"
)
