#!/usr/bin/env bash
# Writes the summary into one comment of the pull request: the first time a new one,
# later the same again. A mark, invisible on the page, tells which it is.
set -euo pipefail

mark="<!-- intscan ${INPUT_PATH:-.} -->"
body="$RUNNER_TEMP/intscan/comment.md"
{
  echo "$mark"
  head -c 60000 "$SUMMARY" # GitHub refuses comments over 65,536 characters
} >"$body"

refused() {
  # A pull request from a fork has a token that may only read.
  echo "::warning title=intscan::the comment could not be written; the job needs the permission pull-requests: write"
  exit 0
}
comments="repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments"
id="$(gh api --paginate "$comments" --jq ".[] | select(.body | startswith(\"$mark\")) | .id" | head -n 1)" || refused
if [[ -n "$id" ]]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" --field "body=@$body" --silent || refused
else
  gh api --method POST "$comments" --field "body=@$body" --silent || refused
fi
