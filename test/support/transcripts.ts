import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { project } from './cli.ts';

export interface Step {
  command: string;
  /** Lines as the document shows them; `…` alone stands for any lines, at the end of a line for its rest. */
  shown: string[];
}

/** The transcripts of a document: fenced blocks of kind `console`. */
export function transcripts(document: string): Step[] {
  const text = readFileSync(join(project, document), 'utf8');
  const steps: Step[] = [];
  for (const [, block] of text.matchAll(/^```console\n([\s\S]*?)^```$/gm)) {
    for (const line of block!.trimEnd().split('\n')) {
      if (line.startsWith('$ ')) steps.push({ command: line.slice(2), shown: [] });
      else steps.at(-1)!.shown.push(line);
    }
  }
  return steps;
}

/** The output that a step must print, as one expression over all of it. */
export function pattern(shown: readonly string[]): RegExp {
  const lines = shown.map((line) => {
    if (line === '…') return '(?:.*\\n)*?';
    const rest = line.endsWith('…');
    const text = (rest ? line.slice(0, -1) : line).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return `${text}${rest ? '.*' : ''}\\n`;
  });
  return new RegExp(`^${lines.join('')}$`);
}
