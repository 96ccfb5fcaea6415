import type { ShardLine } from '../../model/index.ts';

/** The subject of definitions: a package by its line, or packages that share their flaws and so their definitions. */
export interface DefinitionSubject {
  name: string;
  lines: readonly ShardLine[];
}

/** All lines in their order; those of one subject follow the first of them. */
export function* subjectsOf(
  lines: readonly ShardLine[],
  subjectOf: (name: string) => string,
): Generator<DefinitionSubject> {
  const together = new Map<string, ShardLine[]>();
  for (const line of lines) {
    const name = subjectOf(line.package);
    if (name === line.package) continue;
    const known = together.get(name);
    if (known) known.push(line);
    else together.set(name, [line]);
  }
  for (const line of lines) {
    const name = subjectOf(line.package);
    if (name === line.package) yield { name, lines: [line] };
    else if (together.get(name)?.[0] === line) yield { name, lines: together.get(name)! };
  }
}
