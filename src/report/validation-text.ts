import { line as textLine } from './printable.ts';
import { plural } from './text-table.ts';

interface Reported {
  path: string;
  kind: string;
  bytes: number;
  schemas: readonly string[];
  valid: boolean;
  problems: readonly {
    rule: string;
    level: string;
    line: number;
    id?: string;
    message: string;
    remedy: string;
  }[];
  counts: readonly { rule: string; level: string; count: number }[];
}

// Problems shown per rule; `-o json` has a hundred.
const shownPerRule = 3;

/** Formats a validation: the result, then for each broken rule how often, where, and what to do. */
export function validationText({ path, kind, bytes, schemas, valid, problems, counts }: Reported): string {
  const against =
    schemas.length > 0
      ? `, held against the ${schemas.join(' and ')} ${schemas.length > 1 ? 'schemas' : 'schema'}`
      : '';
  const size = `${(bytes / 1e6).toFixed(bytes < 1e6 ? 3 : 1)} MB`;
  const lines = [`${path}: ${valid ? 'valid' : 'INVALID'} (${kind.replaceAll('_', ' ')}, ${size}${against})`];
  for (const { rule, level, count } of counts) {
    const found = problems.filter((problem) => problem.rule === rule && problem.level === level);
    lines.push(`  ${plural(count, level)} of rule ${rule}: ${found[0]?.remedy ?? ''}`);
    for (const { line, id, message } of found.slice(0, shownPerRule)) {
      lines.push(`    line ${line}${id === undefined ? '' : ` ${id}`}: ${message}`);
    }
    if (count > shownPerRule) lines.push(`    and ${plural(count - shownPerRule, 'more', 'more')}`);
  }
  return lines.map(textLine).join('');
}
