#!/bin/sh
# Gives Dependency-Track the components of an image, waits for its analysis, and then gives it the vendors' verdicts as VEX.
# Needs: DTRACK_URL, DTRACK_API_KEY (BOM_UPLOAD, VULNERABILITY_ANALYSIS, and PROJECT_CREATION_UPLOAD for a new project), curl and jq.
# usage: upload.sh IMAGE PROJECT VERSION
set -eu
image=$1 project=$2 version=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

code=0
scapfeed scan "$image" -o cyclonedx="$folder/bom.json" -o dependency-track="$folder/vex.json" || code=$?
case $code in 0 | 1 | 4) ;; *) exit "$code" ;; esac

# The key is read from stdin, so that it is not among the arguments, which others on the machine see.
api() {
  printf 'header = "X-Api-Key: %s"\n' "$DTRACK_API_KEY" |
    curl --config - --fail-with-body --silent --show-error --max-time 300 "$@"
}

token=$(api --form autoCreate=true --form projectName="$project" --form projectVersion="$version" \
  --form bom=@"$folder/bom.json" "$DTRACK_URL/api/v1/bom" | jq -er .token)

# VEX changes findings that exist: before the analysis has ended there are none. Ten minutes.
tries=120
while [ "$(api "$DTRACK_URL/api/v1/event/token/$token" | jq -r .processing)" != false ]; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || { echo "Dependency-Track has not ended its analysis" >&2; exit 1; }
  sleep "${DTRACK_PAUSE:-5}"
done

api --form projectName="$project" --form projectVersion="$version" --form vex=@"$folder/vex.json" \
  "$DTRACK_URL/api/v1/vex" >/dev/null
