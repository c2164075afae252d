// Command intscan names everything that a repository talks to.
//
// This package holds flags, exit codes, progress and files written; what the
// code of a repository means is decided in the packages below it.
package main

import (
	"context"
	"os"
)

func main() { os.Exit(Run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) }
