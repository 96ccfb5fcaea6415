import { isScapfeedError, ScapfeedError } from '../model/error.ts';
import type { FileView, InventoryNote } from '../model/inventory/index.ts';
import { rootedView, type SystemFolders } from './view/rooted-view.ts';

/** Note code: the deployment of an ostree system that was read, and those that were not. */
const deploymentNote = 'ostree_deployment';

/** A deployment of ostree: a checkout of a commit as a root file system. */
type Deployment = SystemFolders;

interface BootEntry {
  path: string;
  /** ostree numbers its entries; the highest is the default. Undefined: no number, or several. */
  version: number | undefined;
  /** The folder that it starts. Undefined: none that is here, or several. */
  root: string | undefined;
}

/** A boot entry has some 500 bytes. */
const maxEntryBytes = 64 << 10;
/** Numbers of up to 15 digits are exact. */
const entryNumber = /^\d{1,15}$/;
/** Deployments or boot entries that are named; ostree keeps two or three. */
const maxNamed = 5;
const entriesFolder = '/boot/loader/entries';
const deployFolders = ['/ostree/deploy', '/sysroot/ostree/deploy'] as const;
/** Where bootc keeps the systems whose files are objects of composefs. */
const composefsFolders = ['/composefs', '/sysroot/composefs'] as const;

/**
 * The system of a disk with ostree: that of its default deployment, with a note that names the others. Other file systems are
 * returned as they are; a running system is its own root and has the others below `/sysroot`.
 * `place`: the folder, as remedies name it. @throws {ScapfeedError} PLATFORM_UNKNOWN if it is not known which system is started, or its files cannot be read
 */
export function startedSystem(
  files: FileView,
  place: string,
  maxLinks: number,
): { files: FileView; notes: InventoryNote[] } {
  if (files.stat('/usr', false) !== undefined) return { files, notes: besideRunning(files) };
  const deployments = deploymentsOf(files);
  if (deployments.length === 0) {
    const folder = [...composefsFolders, '/ostree/repo', ...deployFolders].find(
      (path) => files.stat(path)?.type === 'directory',
    );
    if (folder !== undefined) throw unreadableSystem(folder);
    return { files, notes: [] };
  }
  const { started, entry } = defaultOf(deployments, bootEntries(files), place);
  const others = deployments.filter((each) => each !== started);
  const by = entry ? `the default by ${entry.path}` : 'the only one';
  const detail = others.length > 0 ? `${by}; not read: ${listed(others)}` : by;
  return {
    files: rootedView(files, started, maxLinks),
    notes: [{ code: deploymentNote, where: started.root, detail }],
  };
}

/**
 * The path that a file of a deployment has in the system that it is part of: `/usr/bin/a` of
 * `/ostree/deploy/os/deploy/COMMIT.0/usr/bin/a`. Other paths are returned as they are.
 */
export function pathInDeployment(path: string): string {
  if (!path.includes('/ostree/deploy/')) return path;
  return /^(?:\/sysroot)?\/ostree\/deploy\/[^/]+(?:\/deploy\/[^/]+)?(\/.+)$/.exec(path)?.[1] ?? path;
}

/** Whether a file is one of those that say which deployment is started. */
export function isBootEntry(path: string): boolean {
  return /^\/boot\/loader(?:\.[01])?\/entries\/[^/]+\.conf$/.test(path);
}

/** The note about a running system with several deployments: its root is one of them. */
function besideRunning(files: FileView): InventoryNote[] {
  try {
    const deployments = deploymentsOf(files);
    if (deployments.length < 2) return [];
    const detail = `this root is read; of the deployments below it none is: ${listed(deployments)}`;
    return [{ code: deploymentNote, where: '/', detail }];
  } catch (error) {
    if (!isScapfeedError(error)) throw error;
    return [{ code: deploymentNote, where: '/', detail: `this root is read; ${error.message}` }];
  }
}

function listed(deployments: readonly Deployment[]): string {
  return named(deployments.map(({ root }) => root));
}

function named(paths: readonly string[]): string {
  const rest = paths.length > maxNamed ? [`${paths.length} in all`] : [];
  return [...paths.slice(0, maxNamed), ...rest].join(', ');
}

function deploymentsOf(files: FileView): Deployment[] {
  const folders = new Set(deployFolders.map((folder) => files.real(folder) ?? folder));
  return [...folders].flatMap((folder) =>
    files.list(folder).flatMap((name) =>
      files
        .list(`${folder}/${name}/deploy`)
        .map((each) => ({ root: `${folder}/${name}/deploy/${each}`, var: `${folder}/${name}/var` }))
        .filter(({ root }) => files.real(root) === root && files.stat(`${root}/usr`)?.type === 'directory'),
    ),
  );
}

/** The deployment of the entry with the highest number; without entries, the only one. */
function defaultOf(
  deployments: readonly Deployment[],
  entries: readonly BootEntry[],
  place: string,
): { started: Deployment; entry?: BootEntry } {
  const [first] = deployments;
  if (entries.length === 0) {
    if (deployments.length > 1) throw ambiguous(place, deployments);
    return { started: first! };
  }
  const refused = (expected: string, which: readonly BootEntry[]) =>
    undecided(expected, which, `dir:${place}${first!.root}`);
  const unnumbered = entries.filter(({ version }) => version === undefined);
  if (unnumbered.length > 0) throw refused('a whole number as the version of each boot entry', unnumbered);
  const highest = entries.reduce((most, { version }) => Math.max(most, version!), 0);
  const defaults = entries.filter(({ version }) => version === highest);
  if (new Set(defaults.map(({ root }) => root)).size > 1)
    throw refused(`one boot entry of the highest version, ${highest}`, defaults);
  const [entry] = defaults;
  const started = deployments.find(({ root }) => root === entry!.root);
  if (!started)
    throw refused('one deployment that is here in the boot entry of the highest version', defaults);
  return { started, entry: entry! };
}

function bootEntries(files: FileView): BootEntry[] {
  return files
    .list(entriesFolder)
    .filter((name) => name.endsWith('.conf'))
    .map((name) => bootEntryAt(files, `${entriesFolder}/${name}`));
}

/**
 * Lines of a key, blanks and a value, and those of `options` are one, https://uapi-group.org/specifications/specs/boot_loader_specification/.
 * Boot loaders ignore blanks before a key.
 */
function bootEntryAt(files: FileView, path: string): BootEntry {
  const file = files.stat(path);
  if (file?.type !== 'file' || file.size > maxEntryBytes)
    return { path, version: undefined, root: undefined };
  const lines = (files.read(path)?.toString('utf8') ?? '')
    .split(/[\r\n]+/)
    .map((line) => line.split(/[ \t]+/).filter((word) => word !== ''));
  const valuesOf = (key: string) => lines.filter(([first]) => first === key).map((line) => line.slice(1));
  const version = only(valuesOf('version').map((words) => words.join(' ')));
  const argument = only(
    valuesOf('options')
      .flat()
      .filter((word) => word.startsWith('ostree=')),
  );
  const target = argument?.slice('ostree='.length);
  return {
    path,
    version: version !== undefined && entryNumber.test(version) ? Number(version) : undefined,
    root: target?.startsWith('/') ? files.real(target) : undefined,
  };
}

/** The value that all have. Undefined: none, or several. */
function only(values: readonly string[]): string | undefined {
  return values.every((value) => value === values[0]) ? values[0] : undefined;
}

function ambiguous(place: string, deployments: readonly Deployment[]): ScapfeedError {
  return new ScapfeedError({
    code: 'PLATFORM_UNKNOWN',
    message: `expected a boot entry for one of ${deployments.length} deployments of ostree, found none in ${entriesFolder}`,
    where: listed(deployments),
    remedy: `mount /boot below the root too, or give a deployment: dir:${place}${deployments[0]!.root}`,
  });
}

function undecided(expected: string, entries: readonly BootEntry[], deployment: string): ScapfeedError {
  return new ScapfeedError({
    code: 'PLATFORM_UNKNOWN',
    message: `expected ${expected}; without it the deployment of ostree that is started is unknown`,
    where: named(entries.map(({ path }) => path)),
    remedy: `correct the boot entries, or give a deployment: ${deployment}`,
  });
}

function unreadableSystem(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'PLATFORM_UNKNOWN',
    message: 'expected a deployment of ostree with its files, found only a store of objects',
    where,
    remedy: 'scan the running system (dir:/), or the container image that it was installed from',
  });
}
