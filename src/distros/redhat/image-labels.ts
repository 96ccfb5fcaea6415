/** Limits on the length of a value after variables are replaced, and of all values of a file; usual ones have some 50. */
const maxExpanded = 4096;
const maxExpandedTogether = 1 << 20;

export interface DockerfileLabels {
  /** By lower-case name. */
  labels: ReadonlyMap<string, string>;
  /** A value was left out because its variables make it too long. */
  tooLong: boolean;
}

/**
 * Reads the LABELs of a Dockerfile, with the variables of its ENV and ARG lines. A label whose value needs a variable of the
 * build is left out.
 */
export function dockerfileLabels(text: string): DockerfileLabels {
  const variables = new Map<string, string>();
  const labels = new Map<string, string>();
  let left = maxExpandedTogether;
  let tooLong = false;
  for (const line of text.replace(/\\\r?\n/g, ' ').split('\n')) {
    const [, instruction, rest] = /^\s*(LABEL|ENV|ARG)(\s.*)$/i.exec(line) ?? [];
    if (instruction === undefined || rest === undefined) continue;
    const isLabel = instruction.toUpperCase() === 'LABEL';
    for (const [written, value] of pairsOf(rest)) {
      const name = isLabel ? written.toLowerCase() : written;
      const into = isLabel ? labels : variables;
      const known = value.includes('$') ? expand(value, variables, Math.min(left, maxExpanded)) : value;
      if (known === undefined) tooLong = true;
      else if (value.includes('$')) left -= known.length;
      if (known === undefined || known.includes('$')) into.delete(name);
      else into.set(name, known);
    }
  }
  return { labels, tooLong };
}

/** ` a=b "c"="d e"`, or the older ` name value` of ENV. */
function pairsOf(rest: string): [name: string, value: string][] {
  const pairs = [...rest.matchAll(/\s"?([\w.-]+)"?=(?:"([^"]*)"|(\S+))/g)];
  if (pairs.length > 0) return pairs.map(([, name, quoted, plain]) => [name!, quoted ?? plain!]);
  const [, name, value] = /^\s+(\w+)\s+(.*)$/.exec(rest) ?? [];
  return name !== undefined && value !== undefined ? [[name, value.trim()]] : [];
}

/** The value with known variables replaced; undefined if it has more than `most` characters. */
function expand(value: string, variables: ReadonlyMap<string, string>, most: number): string | undefined {
  let expanded = '';
  let from = 0;
  for (const { 0: whole, 1: braced, 2: plain, index } of value.matchAll(/\$(?:\{(\w+)\}|(\w+))/g)) {
    expanded += value.slice(from, index) + (variables.get((braced ?? plain)!) ?? whole);
    from = index + whole.length;
    if (expanded.length > most) return undefined;
  }
  expanded += value.slice(from);
  return expanded.length > most ? undefined : expanded;
}
