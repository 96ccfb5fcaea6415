#!/bin/sh
# Scans an image and sends the result to DefectDojo, which updates what it knows of it and closes what is gone.
# Needs: DEFECTDOJO_URL, DEFECTDOJO_TOKEN (of a user that may import), and curl.
# usage: reimport.sh IMAGE PRODUCT [ENGAGEMENT]
set -eu
image=$1 product=$2 engagement=${3:-scapfeed}
report=$(mktemp)
trap 'rm -f "$report"' EXIT

# 0 and 1 are results, 4 is one that lacks a part, which the report has as findings. Anything else is no result: nothing is sent.
code=0
scapfeed scan "$image" --fail-on any -o generic-findings="$report" || code=$?
case $code in 0 | 1 | 4) ;; *) exit "$code" ;; esac

# The token is read from stdin, so that it is not among the arguments, which others on the machine see.
printf 'header = "Authorization: Token %s"\n' "$DEFECTDOJO_TOKEN" |
  curl --config - --fail-with-body --silent --show-error --max-time 300 \
    --form scan_type='Generic Findings Import' \
    --form auto_create_context=true --form product_type_name=Images \
    --form product_name="$product" --form engagement_name="$engagement" --form test_title="$product" \
    --form close_old_findings=true --form do_not_reactivate=false \
    --form file=@"$report;filename=scapfeed.json;type=application/json" \
    "$DEFECTDOJO_URL/api/v2/reimport-scan/"
