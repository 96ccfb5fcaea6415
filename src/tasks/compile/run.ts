import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { compileOvalPieces, diagnosed } from '../../comply/eval/compile.ts';
import { isOvalDefinitions } from '../../comply/eval/read-document.ts';
import { XmlProblem } from '../../comply/xml/scan-parts.ts';
import { peek } from '../../io/bytes.ts';
import { sizeOfContent } from '../../io/read-at-most.ts';
import { contentPieces } from '../content/bytes.ts';
import type { ContentFile } from '../content/options.ts';
import { toolVersion } from '../tool-version.ts';
import { IndexThread } from './index-beside.ts';

/**
 * A document that can be compiled: OVAL definitions are compiled while they are read. What is compiled has places and checksums of its own
 * bytes, so texts of the document are in it as they are, also those that steer a terminal: it is data to be kept in a file.
 */
export type Compilable = CompilableBenchmark | CompilableDefinitions;

export interface CompilableBenchmark {
  kind: 'benchmark';
  profiles: readonly { id: string; title: string }[];
  /** Parts of the content that are not there, each with a reason. */
  missing: ReadonlyMap<string, string>;
  /** With these profiles only. */
  compile(profiles?: readonly string[]): string;
}

export interface CompilableDefinitions {
  kind: 'definitions';
  compile(write: (bytes: Uint8Array) => void): Promise<void>;
}

export async function openCompilable({ file, ...how }: ContentFile): Promise<Compilable> {
  const oval = await ovalDefinitions(file);
  if (oval) return { kind: 'definitions', compile: (write) => compileDefinitions(oval, file, write) };
  // Loaded late: definitions, which are the larger documents, need little of it.
  const { compileContent, readContentFile, shortId } = await import('../../comply/index.ts');
  const { content, bytes } = readContentFile(file, how);
  return {
    kind: 'benchmark',
    profiles: content.benchmark.profiles.map(({ id, title }) => ({ id: shortId(id), title })),
    missing: content.missing,
    compile: (profiles) =>
      compileContent(content, {
        source: { name: basename(file), bytes },
        tool: `scapfeed ${toolVersion}`,
        ...(profiles === undefined ? {} : { profiles }),
      }),
  };
}

/** The document in pieces, decompressed, if it is one of OVAL definitions. */
async function ovalDefinitions(path: string): Promise<AsyncIterable<Uint8Array> | undefined> {
  const { head, whole } = await peek(contentPieces(path), headBytes);
  if (isOvalDefinitions(head, path)) return joinedFirst(head, whole);
  await whole[Symbol.asyncIterator]().return?.();
  return undefined;
}

/** The pieces of the head as one. */
async function* joinedFirst(head: Buffer, whole: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  // Whoever gets a piece may give it away.
  let left = head.length;
  yield head;
  for await (const piece of whole) {
    if (left > 0) left -= piece.length;
    else yield piece;
  }
}

/** The root element of a document of OVAL definitions begins in them, licences before it included. */
const headBytes = 1 << 16;

/** Of a file, compressed or not: a second thread is worth its start. */
const largeBytes = 1 << 19;

async function compileDefinitions(
  pieces: AsyncIterable<Uint8Array>,
  path: string,
  write: (bytes: Uint8Array) => void,
): Promise<void> {
  const from = { name: basename(path), where: path, tool: `scapfeed ${toolVersion}` };
  const isLarge = sizeOfContent(path) > largeBytes && availableParallelism() > 1;
  const index = isLarge ? new IndexThread(from) : undefined;
  try {
    await compileOvalPieces(pieces, from, index, write);
  } catch (error) {
    if (!(error instanceof XmlProblem)) throw error;
    throw await diagnosed(contentPieces(path), path, error);
  } finally {
    await index?.close();
  }
}
