# A scan as issues for Jira's CSV import: one for each flaw of a package, and for what could not be judged.
# usage: scapfeed scan IMAGE -o generic-findings | jq -r -f issues.jq > issues.csv
# "External id" is the same in each scan of an image's name: import it into a field of its own, and leave out the issues that you have:
#   jq -r --slurpfile known ids.json -f issues.jq    with ["id", ...] in ids.json
# Change: the issue type, and the names of your priorities.
def priority: { Critical: "Highest", High: "High", Medium: "Medium", Low: "Low", Info: "Lowest" }[.];
($ARGS.named.known // [[]] | add) as $known |
["Summary", "Issue Type", "Priority", "Description", "Labels", "External id"],
(.findings[]
  | select(.active != false and (.unique_id_from_tool as $id | $known | index($id) | not))
  | [
      .title[0:255], "Bug", (.severity | priority),
      ([.description, .mitigation] | map(select(. != null and . != "")) | join("\n\n")),
      "scapfeed", .unique_id_from_tool
    ])
| @csv
