import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { project } from './cli.ts';

/** Rows of the table of a document whose first column has this name: cells by column, without code marks. */
export function tableOf(document: string, first: string): Record<string, string>[] {
  const lines = readFileSync(join(project, document), 'utf8').split('\n');
  const start = lines.findIndex((line) => line.startsWith('|') && cellsOf(line)[0] === first);
  if (start === -1) throw new Error(`${document} has no table whose first column is ${first}`);
  const end = lines.findIndex((line, at) => at > start && !line.startsWith('|'));
  const head = cellsOf(lines[start]!);
  return lines
    .slice(start + 2, end === -1 ? undefined : end)
    .map((line) => Object.fromEntries(cellsOf(line).map((cell, at) => [head[at]!, cell])));
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.replaceAll('`', '').trim());
}
