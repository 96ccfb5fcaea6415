import { ScapfeedError } from '../../model/index.ts';

/** JSON.parse, whose speed gigabytes of OSV need, with our error: SOURCE_NOT_JSON. */
export function parseDocument(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ScapfeedError({
      code: 'SOURCE_NOT_JSON',
      message: `expected a JSON document: ${(cause as Error).message}`,
      where,
      remedy: 'fetch the archive again; if it repeats, tell its publisher',
      cause,
    });
  }
}
