import type { DigestAlgorithm } from '../../model/inventory/index.ts';
import type { WantedByChecks, WantedPaths, WantedSet } from '../files/wanted-files.ts';
import {
  type ExternalChoices,
  type KnownDocument,
  type KnownObject,
  type KnownValues,
  knownObject,
} from './known-object.ts';
import type { Digests } from './probe.ts';
import { probeOf } from './registry.ts';

/**
 * The files that the objects of some documents read. If a path comes from another file, which only the evaluation knows, every
 * file of that name is wanted; if the name is unknown too, every file below the folders of configuration.
 */
export function wantedFiles(documents: Iterable<KnownDocument>, external: ExternalChoices): WantedByChecks {
  const contents = new WantedList();
  const hashed = new WantedList();
  const algorithms = new Set<DigestAlgorithm>();
  for (const document of documents) {
    for (const each of Object.values(document.objects)) {
      const probe = probeOf(each.type);
      // A set's operands are objects of the document too.
      if (!probe || each.set) continue;
      const object = knownObject(each, document, external);
      if (probe.reads === 'named files') contents.add(named(object));
      else if (probe.reads !== 'nothing') for (const place of probe.reads) contents.add(place);
      if (probe.digests === 'none') continue;
      const asked = probe.digests.algorithms(object);
      for (const algorithm of asked) algorithms.add(algorithm);
      if (asked.length > 0) hashed.add(namedToHash(object, probe.digests));
    }
  }
  return {
    ...contents.result(),
    ...(algorithms.size > 0 ? { digests: { algorithms: [...algorithms].sort(), ...hashed.result() } } : {}),
  };
}

/** Paths and sets, each once, in order. */
class WantedList {
  readonly #paths = new Set<string>();
  readonly #sets = new Map<string, WantedSet>();

  add(wanted: string | readonly string[] | WantedSet): void {
    if (typeof wanted === 'string') this.#paths.add(wanted);
    else if (isPaths(wanted)) for (const path of wanted) this.#paths.add(path);
    else this.#sets.set(JSON.stringify(wanted), wanted);
  }

  result(): WantedPaths {
    const keys = [...this.#sets.keys()].sort();
    return { paths: [...this.#paths].sort(), sets: keys.map((key) => this.#sets.get(key) as WantedSet) };
  }
}

function isPaths(wanted: readonly string[] | WantedSet): wanted is readonly string[] {
  return Array.isArray(wanted);
}

/** Folders that are kept for objects whose paths are not known. */
const configurationFolders = [
  '/etc',
  '/root',
  '/home',
  '/usr/lib/systemd',
  '/usr/share/pam-configs',
  '/var/lib/pam',
];

function namedToHash(object: KnownObject, { unknownPath }: Digests): string[] | WantedSet {
  const isUnknown = object.values('filepath')?.kind === 'unknown';
  return unknownPath === 'any file' && isUnknown ? {} : named(object);
}

/** The files that an object names by `filepath`, or by `path` and `filename`. */
function named({ behaviors, values }: KnownObject): string[] | WantedSet {
  const filepath = values('filepath');
  if (filepath) {
    if (filepath.kind === 'values') return [...filepath.values];
    return filepath.kind === 'patterns'
      ? { pathPatterns: filepath.values }
      : { folders: configurationFolders, below: true };
  }
  const folder = values('path');
  const name = values('filename');
  const below = (behaviors['recurse_direction'] ?? 'none') === 'down';
  if (folder?.kind === 'values' && name?.kind === 'values' && !below) {
    return folder.values.flatMap((each) => name.values.map((file) => `${withoutSlash(each)}/${file}`));
  }
  if (folder?.kind !== 'values' && folder?.kind !== 'patterns' && name?.kind !== 'values') {
    return { folders: configurationFolders, below: true };
  }
  return { ...folderPart(folder, below), ...namePart(name) };
}

function folderPart(folder: KnownValues | undefined, below: boolean): WantedSet {
  if (folder?.kind === 'values')
    return { folders: folder.values.map(withoutSlash), ...(below ? { below } : {}) };
  // With recursion, the pattern matches a folder above the file, not the file's own.
  return folder?.kind === 'patterns' && !below ? { folderPatterns: folder.values } : {};
}

function namePart(name: KnownValues | undefined): WantedSet {
  if (name?.kind === 'values') return { names: name.values };
  return name?.kind === 'patterns' ? { namePatterns: name.values } : {};
}

function withoutSlash(path: string): string {
  return path.replace(/(?<!\/)\/+$/, '');
}
