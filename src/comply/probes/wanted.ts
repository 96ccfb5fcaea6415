import type { DigestAlgorithm, Inspection } from '../../model/index.ts';
import { PathPatterns } from '../files/path-patterns.ts';
import type { OvalDocument, OvalEntity, OvalObject } from '../oval/model.ts';
import { unitFolders } from '../systemd/units.ts';

/** The files whose contents a benchmark's checks may read: everything else of an image is passed over. */
export interface WantedFiles extends WantedPaths {
  /** Files whose digests the checks compare: they are hashed as they go by, and their contents are not kept. */
  digests?: WantedPaths & { algorithms: DigestAlgorithm[] };
}

export interface WantedPaths {
  /** Whole paths, sorted. */
  paths: string[];
  /** Files by place and name; a list that is absent takes any. Patterns are PCRE, searched in the whole text. */
  sets: WantedSet[];
}

export interface WantedSet {
  /** Whole names. */
  names?: string[];
  /** Patterns of the name. */
  namePatterns?: string[];
  /** Folders that the file lies in, or below where `below` is set. */
  folders?: string[];
  below?: true;
  /** Patterns of the folder. */
  folderPatterns?: string[];
  /** Patterns of the whole path. */
  pathPatterns?: string[];
}

const unitFiles: WantedSet = { folders: [...unitFolders], below: true };

/** Policies of SELinux, and what sets their booleans otherwise. */
const selinuxFiles: readonly WantedSet[] = [
  { folders: ['/etc/selinux'], below: true, names: ['config', 'booleans.local'] },
  { folders: ['/etc/selinux'], below: true, namePatterns: ['^policy\\.[0-9]+$'] },
  { folders: ['/var/lib/selinux'], below: true, names: ['booleans.local'] },
  { folders: ['/sys/fs/selinux/booleans'] },
];

const readers: ReadonlySet<string> = new Set([
  'independent/textfilecontent54',
  'independent/textfilecontent',
  'independent/xmlfilecontent',
  'independent/yamlfilecontent',
]);

/** Files that probes read whatever the object says. */
const always = ['/etc/group', '/etc/passwd', '/etc/shadow', '/proc/mounts'];

/**
 * What the objects of some documents read. Where a path comes from another file, which only the evaluation knows, every
 * file of that name is wanted; where the name is unknown too, every file below the folders of configuration.
 */
export function wantedFiles(
  documents: Iterable<OvalDocument>,
  external: ReadonlyMap<string, readonly string[]>,
): WantedFiles {
  const contents = new WantedCollector(always);
  const hashed = new WantedCollector();
  const algorithms = new Set<DigestAlgorithm>();
  for (const document of documents) {
    for (const object of Object.values(document.objects)) {
      if (object.type.startsWith('linux/systemdunit')) {
        contents.add(['/etc/fstab']);
        contents.add(unitFiles);
      }
      if (object.type === 'linux/selinuxboolean') for (const set of selinuxFiles) contents.add(set);
      if (object.set) continue;
      if (readers.has(object.type)) contents.add(wantedOf(object, document, external));
      const digests = digestsOf(object, document, external);
      for (const algorithm of digests) algorithms.add(algorithm);
      if (digests.length > 0) hashed.add(hashedOf(object, document, external));
    }
  }
  return {
    ...contents.result(),
    ...(algorithms.size > 0 ? { digests: { algorithms: [...algorithms].sort(), ...hashed.result() } } : {}),
  };
}

/** Paths and sets, each once, in order. */
class WantedCollector {
  #paths: Set<string>;
  #sets = new Map<string, WantedSet>();

  constructor(paths: readonly string[] = []) {
    this.#paths = new Set(paths);
  }

  add(wanted: readonly string[] | WantedSet): void {
    if (isPaths(wanted)) for (const path of wanted) this.#paths.add(path);
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

/** Algorithms of filehash58 by the names of the OVAL schema. */
export const hashTypes: Readonly<Record<string, DigestAlgorithm>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-224': 'sha224',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

const rpmVerifyTypes: ReadonlySet<string> = new Set(['linux/rpmverifyfile', 'linux/rpmverify']);

/** What of the files of an object is compared. Of rpm's, only the image's database tells the algorithm: mostly SHA-256. */
function digestsOf(
  object: OvalObject,
  document: OvalDocument,
  external: ReadonlyMap<string, readonly string[]>,
): DigestAlgorithm[] {
  if (rpmVerifyTypes.has(object.type)) return object.behaviors?.['nomd5'] === 'true' ? [] : ['md5', 'sha256'];
  if (object.type === 'independent/filehash') return ['md5', 'sha1'];
  if (object.type !== 'independent/filehash58') return [];
  const types = valuesOf(
    object.entities.find(({ name }) => name === 'hash_type'),
    document,
    external,
  );
  if (types?.kind !== 'values') return Object.values(hashTypes);
  return types.values.flatMap((type) => hashTypes[type] ?? []);
}

/** A file of a package may be anywhere: where its path is not known, all are meant. */
function hashedOf(
  object: OvalObject,
  document: OvalDocument,
  external: ReadonlyMap<string, readonly string[]>,
): string[] | WantedSet {
  const filepath = object.entities.find(({ name }) => name === 'filepath');
  const isUnknown = valuesOf(filepath, document, external)?.kind === 'unknown';
  return rpmVerifyTypes.has(object.type) && isUnknown ? {} : wantedOf(object, document, external);
}

/** What the reader of an image hashes for these checks; undefined: nothing. */
export function wantedInspection({ digests }: WantedFiles): Inspection | undefined {
  return digests && { files: wantedPredicate(digests), digests: digests.algorithms };
}

/** A predicate of wanted files, for the reader of an image. */
export function wantedPredicate({ paths, sets }: WantedPaths): (path: string) => boolean {
  const whole = new Set(paths);
  const patterns = new PathPatterns();
  const tests = sets.map((set) => setPredicate(set, patterns));
  return (path) => whole.has(path) || tests.some((test) => test(path));
}

/** Where an image keeps what a check of an unknown path may want. */
const configurationFolders = [
  '/etc',
  '/root',
  '/home',
  '/usr/lib/systemd',
  '/usr/share/pam-configs',
  '/var/lib/pam',
];

function wantedOf(
  object: OvalObject,
  document: OvalDocument,
  external: ReadonlyMap<string, readonly string[]>,
): string[] | WantedSet {
  const values = (name: string) =>
    valuesOf(
      object.entities.find((entity) => entity.name === name),
      document,
      external,
    );
  const filepath = values('filepath');
  if (filepath) {
    if (filepath.kind === 'values') return [...filepath.values];
    return filepath.kind === 'patterns'
      ? { pathPatterns: filepath.values }
      : { folders: configurationFolders, below: true };
  }
  const folder = values('path');
  const name = values('filename');
  const below = (object.behaviors?.['recurse_direction'] ?? 'none') === 'down';
  if (folder?.kind === 'values' && name?.kind === 'values' && !below) {
    return folder.values.flatMap((each) => name.values.map((file) => `${withoutSlash(each)}/${file}`));
  }
  if (folder?.kind !== 'values' && folder?.kind !== 'patterns' && name?.kind !== 'values') {
    return { folders: configurationFolders, below: true };
  }
  return { ...folderPart(folder, below), ...namePart(name) };
}

function folderPart(folder: EntityValues | undefined, below: boolean): WantedSet {
  if (folder?.kind === 'values')
    return { folders: folder.values.map(withoutSlash), ...(below ? { below } : {}) };
  // Below a folder that a pattern finds, the folder of the file itself need not match.
  return folder?.kind === 'patterns' && !below ? { folderPatterns: folder.values } : {};
}

function namePart(name: EntityValues | undefined): WantedSet {
  if (name?.kind === 'values') return { names: name.values };
  return name?.kind === 'patterns' ? { namePatterns: name.values } : {};
}

interface EntityValues {
  kind: 'values' | 'patterns' | 'unknown';
  values: string[];
}

function valuesOf(
  entity: OvalEntity | undefined,
  document: OvalDocument,
  external: ReadonlyMap<string, readonly string[]>,
): EntityValues | undefined {
  if (!entity) return undefined;
  const values =
    entity.variable === undefined
      ? [entity.value ?? '']
      : variableValues(entity.variable, document, external);
  if (!values) return { kind: 'unknown', values: [] };
  const operation = entity.operation ?? 'equals';
  if (operation === 'equals') return { kind: 'values', values };
  return operation === 'pattern match' ? { kind: 'patterns', values } : { kind: 'unknown', values: [] };
}

/** Values that are known before any image is: constants, and external ones with all their choices. */
function variableValues(
  id: string,
  document: OvalDocument,
  external: ReadonlyMap<string, readonly string[]>,
): string[] | undefined {
  const variable = document.variables[id];
  if (variable?.kind === 'constant') return variable.values ?? [];
  return variable?.kind === 'external' && external.has(id) ? [...(external.get(id) ?? [])] : undefined;
}

function setPredicate(
  { names, namePatterns, folders, below, folderPatterns, pathPatterns }: WantedSet,
  patterns: PathPatterns,
): (path: string) => boolean {
  const nameSet = names && new Set(names);
  const folderSet = folders && new Set(folders);
  const [name, folder, whole] = [namePatterns, folderPatterns, pathPatterns].map(
    (each) => each && patterns.any(each),
  );
  return (path) => {
    const slash = path.lastIndexOf('/');
    const at = path.slice(0, slash) || '/';
    const own = path.slice(slash + 1);
    if (nameSet && !nameSet.has(own)) return false;
    if (folderSet && !folderSet.has(at) && !(below && liesBelow(at, folders as string[]))) return false;
    return (!name || name(own)) && (!folder || folder(at)) && (!whole || whole(path));
  };
}

function liesBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => folder === '/' || path === folder || path.startsWith(`${folder}/`));
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, '');
}
