#!/usr/bin/env bash
# Builds intscan with the Go of the runner: out of this action's own source, or the
# release that INPUT_VERSION names.
set -euo pipefail

if ! command -v go >/dev/null; then
  echo "::error title=intscan::Go is not on this runner; put actions/setup-go before this step"
  exit 2
fi
bin="$RUNNER_TEMP/intscan/bin"
mkdir -p "$bin"
if [[ -n "${INPUT_VERSION:-}" ]]; then
  GOBIN="$bin" GOFLAGS="" go install "github.com/intscan/intscan/cmd/intscan@$INPUT_VERSION"
else
  cd "$GITHUB_ACTION_PATH"
  CGO_ENABLED=0 GOFLAGS="" GOWORK=off go build -trimpath -o "$bin/" ./cmd/intscan
fi
echo "$bin" >>"$GITHUB_PATH"
