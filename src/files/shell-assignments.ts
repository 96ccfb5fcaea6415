/** Parses `KEY=value` lines as in os-release(5) and lsb-release. Other lines are skipped; the last assignment counts. */
export function parseAssignments(text: string): Map<string, string> {
  const assignments = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line.replace(/\r$/, ''));
    if (match) assignments.set(match[1]!, unquote(match[2]!.trim()));
  }
  return assignments;
}

/** Shell quoting: everything is literal in single quotes, `\` escapes a few characters in double quotes. */
function unquote(value: string): string {
  const quote = value[0];
  if (value.length < 2 || quote !== value.at(-1)) return value;
  if (quote === "'") return value.slice(1, -1);
  if (quote === '"') return value.slice(1, -1).replace(/\\(["$`\\])/g, '$1');
  return value;
}
