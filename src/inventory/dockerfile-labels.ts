/**
 * LABELs of a Dockerfile by lower-case name, with the variables that its ENV and ARG lines set. A label whose value
 * hangs on a variable of the build is left out.
 */
export function dockerfileLabels(text: string): Map<string, string> {
  const variables = new Map<string, string>();
  const labels = new Map<string, string>();
  for (const line of text.replace(/\\\r?\n/g, ' ').split('\n')) {
    const [, instruction, rest] = /^\s*(LABEL|ENV|ARG)(\s.*)$/i.exec(line) ?? [];
    if (instruction === undefined || rest === undefined) continue;
    const into = instruction.toUpperCase() === 'LABEL' ? labels : variables;
    for (const [name, value] of pairsOf(rest)) {
      const known = expand(value, variables);
      if (known !== undefined) into.set(into === labels ? name.toLowerCase() : name, known);
    }
  }
  return labels;
}

/** ` a=b "c"="d e"`, or the older ` name value` of ENV. */
function pairsOf(rest: string): [name: string, value: string][] {
  const pairs = [...rest.matchAll(/\s"?([\w.-]+)"?=(?:"([^"]*)"|(\S+))/g)];
  if (pairs.length > 0) return pairs.map(([, name, quoted, plain]) => [name!, quoted ?? plain!]);
  const [, name, value] = /^\s+(\w+)\s+(.*)$/.exec(rest) ?? [];
  return name !== undefined && value !== undefined ? [[name, value.trim()]] : [];
}

function expand(value: string, variables: ReadonlyMap<string, string>): string | undefined {
  const expanded = value.replace(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (whole, braced, plain) => variables.get(braced ?? plain) ?? whole,
  );
  return expanded.includes('$') ? undefined : expanded;
}
