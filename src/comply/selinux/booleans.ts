import type { FileView } from '../../model/inventory/index.ts';
import { openKept, type Texts } from '../files/texts.ts';
import type { WantedSet } from '../files/wanted-files.ts';
import { type Collection, failure, type ItemEntity, makeItem, type OvalItem } from '../oval/items.ts';
import { PolicyError, policyBooleans } from './policy-booleans.ts';

const config = '/etc/selinux/config';
const usualType = 'targeted';
const kernelFolder = '/sys/fs/selinux/booleans';

/** Policies, and files that change their booleans. */
export const booleanFiles: readonly WantedSet[] = [
  { folders: ['/etc/selinux'], below: true, names: ['config', 'booleans.local'] },
  { folders: ['/etc/selinux'], below: true, namePatterns: ['^policy\\.[0-9]+$'] },
  { folders: ['/var/lib/selinux'], below: true, names: ['booleans.local'] },
  { folders: [kernelFolder] },
];

/** Policies of distributions have some 3 MB. */
const maxPolicyBytes = 64 * 1024 * 1024;

/** All SELinux booleans: of the running kernel where its files are there, else of the installed policy. */
export function readBooleans(files: FileView, texts: Texts): Collection {
  try {
    const items = files.list(kernelFolder).map((name) => kernelItem(name, texts));
    return { flag: 'complete', items: items.length > 0 ? items : policyItems(files, texts) };
  } catch (error) {
    if (error instanceof NotCollected) return failure('not collected', error.message);
    if (error instanceof PolicyError) return failure('error', error.message);
    throw error;
  }
}

class NotCollected extends Error {}

/** The schema requires the datatype also for values that were not collected. */
const notCollected: ItemEntity = { value: '', status: 'not collected', datatype: 'boolean' };

function booleanItem(name: string, current: boolean | undefined, pending: boolean | undefined): OvalItem {
  return makeItem('linux/selinuxboolean', {
    name,
    current_status: current ?? notCollected,
    pending_status: pending ?? notCollected,
  });
}

/** selinuxfs has `current pending`. */
function kernelItem(name: string, texts: Texts): OvalItem {
  const [, current, pending] = /^([01]) ([01])\s*$/.exec(texts.read(`${kernelFolder}/${name}`) ?? '') ?? [];
  return booleanItem(name, current ? current === '1' : undefined, pending ? pending === '1' : undefined);
}

/** The policy's defaults with the persistent local settings: the state after the next start. */
function policyItems(files: FileView, texts: Texts): OvalItem[] {
  const settings = settingsOf(files, texts);
  if (settings.get('selinux') === 'disabled')
    throw new NotCollected(`SELinux is disabled in ${config}, so no policy is in force`);
  const type = settings.get('selinuxtype') ?? usualType;
  const booleans = readPolicy(files, type);
  const local = localBooleans(files, texts, type);
  return [...booleans]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, state]) => booleanItem(name, undefined, local.has(name) ? local.get(name) : state));
}

/** Lines `NAME=value` of the configuration, names in lower case as libselinux compares them; the last one wins. */
function settingsOf(files: FileView, texts: Texts): Map<string, string> {
  const lines = textOf(files, texts, config)?.split('\n') ?? [];
  return new Map(
    lines.flatMap((line) => {
      const [, name, value] = /^\s*(SELINUX|SELINUXTYPE)=(.*)$/i.exec(line) ?? [];
      return name && value !== undefined ? [[name.toLowerCase(), value.trim()] as const] : [];
    }),
  );
}

/** Of several versions, the newest. */
function readPolicy(files: FileView, type: string): Map<string, boolean> {
  const folder = `/etc/selinux/${type}/policy`;
  const versions = files.list(folder).flatMap((name) => Number(/^policy\.(\d{1,4})$/.exec(name)?.[1] ?? []));
  if (versions.length === 0)
    throw new NotCollected(`there is no policy in ${folder}, so nothing tells the booleans of SELinux`);
  const path = `${folder}/policy.${Math.max(...versions)}`;
  const content = openKept(files, path);
  if (!content) throw new NotCollected(`the content of ${path} was not kept`);
  if (content.size > maxPolicyBytes)
    throw new NotCollected(`${path} is larger than ${maxPolicyBytes / 2 ** 20} MB`);
  try {
    return policyBooleans(content.read(0, content.size));
  } catch (error) {
    if (error instanceof PolicyError) throw new PolicyError(`${path}: ${error.message}`);
    throw error;
  }
}

/** Folders of policy stores in old and new versions of the tools; a boolean that differs between them has no state. */
function localBooleans(files: FileView, texts: Texts, type: string): Map<string, boolean | undefined> {
  const found = new Map<string, boolean | undefined>();
  for (const store of [
    `/etc/selinux/${type}/active`,
    `/var/lib/selinux/${type}/active`,
    `/etc/selinux/${type}/modules/active`,
  ]) {
    const path = `${store}/booleans.local`;
    for (const [name, state] of assignmentsOf(textOf(files, texts, path) ?? '', path))
      found.set(name, found.has(name) && found.get(name) !== state ? undefined : state);
  }
  return found;
}

/** Lines `NAME=0`, `1`, `true` or `false`; `#` begins a comment. The last one of a name wins. */
function assignmentsOf(text: string, path: string): Map<string, boolean> {
  const assignments = new Map<string, boolean>();
  for (const [at, line] of text.split('\n').entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, name, on] = /^\s*([^\s=]+)\s*=\s*(?:(1|true)|0|false)\s*(?:#.*)?$/i.exec(line) ?? [];
    if (name === undefined) throw new PolicyError(`${path}: line ${at + 1} sets no boolean`);
    assignments.set(name, on !== undefined);
  }
  return assignments;
}

/** Undefined if there is no such file. A file that exists must be readable, because it may change the result. */
function textOf(files: FileView, texts: Texts, path: string): string | undefined {
  const text = texts.read(path);
  if (text === undefined && files.stat(path)) throw new NotCollected(`the content of ${path} was not kept`);
  return text;
}
