import { readOval } from '../oval/read-oval.ts';
import { readBenchmark } from '../xccdf/read-benchmark.ts';
import { readTailoring } from '../xccdf/read-profiles.ts';
import { readUtf8Xml, readXmlTree, utf8Of } from '../xml/read-xml.ts';
import { platformsOf, readDataStreams, type StreamComponent } from './data-stream.ts';
import type { ContentOptions } from './scap-content.ts';

/** Finds a component by its address and the content's own name for it, or returns why it is missing. */
export type Find = (href: string, alias?: string) => StreamComponent | Missing;

export interface Missing {
  kind: 'missing';
  reason: string;
}

/** Components of a collection (`#id`) and of files (`file:name#id`, or the address of a remote one), each read once. */
export function componentFinder(own: ReadonlyMap<string, StreamComponent>, { local }: ContentOptions): Find {
  const read = new Map<string, StreamComponent | Missing | ReadonlyMap<string, StreamComponent>>();
  return (href, alias) => {
    const [address = '', id = ''] = href.split('#');
    if (address === '') return own.get(id) ?? missing(`the component ${id} is not in the collection`);
    // `file:x.xml` stands beside the content; a whole `file://` address may be of another machine.
    const name = address.replace(/^file:(?!\/\/)/, '');
    const found = read.get(name) ?? readOther(name, local?.(name, alias));
    read.set(name, found);
    if (!('get' in found)) return found;
    return found.get(id) ?? missing(`the component ${id} is not in ${name}`);
  };
}

function missing(reason: string): Missing {
  return { kind: 'missing', reason };
}

/** A file beside the content: a component of its own, or a collection of them. */
function readOther(
  name: string,
  bytes: Uint8Array | undefined,
): StreamComponent | Missing | ReadonlyMap<string, StreamComponent> {
  if (!bytes) {
    const isRemote = /^https?:/.test(name);
    return missing(isRemote ? 'remote content is not fetched' : 'there is no such file');
  }
  const root = rootName(bytes, name);
  switch (root) {
    case 'data-stream-collection':
      return readDataStreams(bytes, name).components;
    case 'oval_definitions':
      return { kind: 'oval', document: readOval(bytes, name) };
    case 'Benchmark':
      return { kind: 'xccdf', benchmark: readBenchmark(bytes, name) };
    case 'Tailoring':
      return { kind: 'tailoring', tailoring: readTailoring(bytes, name) };
    case 'cpe-list':
    case 'platform-specification':
      return { kind: 'platforms', platforms: platformsOf(readXmlTree(bytes, name)) };
    default:
      return { kind: 'other', root };
  }
}

/** Name of a document's root element. */
export function rootName(source: Uint8Array, where: string): string {
  return rootNameOfUtf8(utf8Of(source, where), where);
}

/** The same of a document in UTF-8, or its first part. */
export function rootNameOfUtf8(bytes: Uint8Array, where: string): string {
  let name: string | undefined;
  const found = new Error('found');
  try {
    readUtf8Xml(bytes, where, {
      open: (element) => {
        name = element.name;
        throw found;
      },
    });
  } catch (error) {
    if (error !== found) throw error;
  }
  return name ?? '';
}
