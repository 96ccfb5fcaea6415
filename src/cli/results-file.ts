import type { ReadResults } from '../comply/index.ts';
import { readResultsFile as readFile } from '../tasks/report/read-results.ts';
import type { Terminal } from './terminal.ts';

/** The results of a file; a message says if it has earlier ones too. */
export async function readResultsFile(file: string, terminal: Terminal): Promise<ReadResults> {
  const read = await readFile(file);
  if (read.kind === 'compliance' && read.earlier > 0)
    terminal.err(`the file has ${read.earlier + 1} results; this is the last`);
  return read;
}
