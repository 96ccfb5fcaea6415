# A scan as issues for Jira's CSV import: one for each flaw of a package, and for what could not be judged.
# usage: scapfeed scan IMAGE -o generic-findings | jq -r -f issues.jq > issues.csv
# "External id" is the same in each scan of an image's name: import it into a field of its own, and leave out the issues that you have:
#   jq -r --slurpfile known ids.json -f issues.jq    with ["id", ...] in ids.json
# A text that a spreadsheet would take for a formula has an apostrophe before it, which Jira shows: vendors and packages write these texts.
# Change: the issue type, and the names of your priorities.
def priority: { Critical: "Highest", High: "High", Medium: "Medium", Low: "Low", Info: "Lowest" }[.];
def tame: if test("^(\\s*[=+\\-@\uff0b\uff0d\uff1d\uff20]|[\\t\\r])") then "'" + . else . end;
($ARGS.named.known // [[]] | add) as $known |
["Summary", "Issue Type", "Priority", "Description", "Labels", "External id"],
(.findings[]
  | select(.active != false and (.unique_id_from_tool as $id | $known | index($id) | not))
  | [
      .title[0:254], "Bug", (.severity | priority),
      ([.description, .mitigation] | map(select(. != null and . != "")) | join("\n\n")),
      "scapfeed", .unique_id_from_tool
    ]
  | map(tame))
| @csv
