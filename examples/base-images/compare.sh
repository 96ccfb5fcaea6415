#!/bin/sh
# Says as Markdown what another base image changes: packages and flaws, by the feed of this machine. For the text of a pull request by Renovate or Dependabot.
# usage: compare.sh OLD-CONTAINERFILE NEW-CONTAINERFILE
# Ends with 0 and no text where the base is the same, with 3 where FROM is not a plain name, and as `scapfeed diff` does otherwise.
set -eu

# The image that the last stage begins with, through the names of stages before it.
base() {
  awk '
    toupper($1) == "FROM" {
      at = 2
      while ($at ~ /^--/) at++
      image = $at in stages ? stages[$at] : $at
      if (toupper($(at + 1)) == "AS") stages[$(at + 2)] = image
    }
    END { print image }' "$1"
}

old=$(base "$1") new=$(base "$2")
for image in "$old" "$new"; do
  case $image in
    '' | *'$'* | scratch) echo "no plain name of an image: ${image:-none}" >&2; exit 3 ;;
  esac
done
[ "$old" != "$new" ] || exit 0
transport=${TRANSPORT-registry:}
exec scapfeed diff "$transport$old" "$transport$new" -o markdown
