#!/usr/bin/env bash
# Scans, shows the findings beside the lines of the pull request, and writes the job's
# summary. It always ends well: the action's last step decides, after the uploads.
set -uo pipefail

path="${INPUT_PATH:-.}"
path="${path#./}"
out="$RUNNER_TEMP/intscan/reports"
mkdir -p "$out"
args=(--fail-on "${INPUT_FAIL_ON:-medium}" -o "json=$out/report.json" -o "sarif=$out/intscan.sarif" -o "markdown=$out/summary.md" -o "github=$out/annotations" -o text=-)
[[ -n "${INPUT_BASELINE:-}" ]] && args+=(--baseline "$INPUT_BASELINE")
[[ -n "${INPUT_NEW_FROM_MERGE_BASE:-}" ]] && args+=(--new-from-merge-base "$INPUT_NEW_FROM_MERGE_BASE")
[[ "${INPUT_DOWNLOAD:-}" == true ]] && args+=(--download)

code=0
if cd "${path:-.}"; then
  intscan "${args[@]}" 2>"$out/errors" || code=$?
else
  code=2
  echo "there is no folder $path in the workspace" >"$out/errors"
fi
echo "exit-code=$code" >>"$GITHUB_OUTPUT"
cat "$out/errors" >&2
if ((code > 1)); then
  message="$(tail -n 1 "$out/errors")"
  message="${message//'%'/%25}"
  echo "::error title=intscan::$message"
  exit 0
fi

# Annotations name files from the workspace's root, reports from the folder scanned.
prefix=""
[[ -n "$path" && "$path" != . ]] && prefix="${path%/}/"
while IFS= read -r line; do
  echo "${line/ file=/ file=$prefix}"
done <"$out/annotations"
cat "$out/summary.md" >>"$GITHUB_STEP_SUMMARY"
{
  echo "report=$out/report.json"
  echo "sarif=$out/intscan.sarif"
  echo "summary=$out/summary.md"
} >>"$GITHUB_OUTPUT"
