import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { OvalDocument, OvalEntity } from '../../src/comply/oval/model.ts';
import { writeRpmDatabase } from '../prove/compare.ts';
import type { RpmPackage } from '../prove/trial.ts';
import { stanza } from '../support/cli.ts';

/** Where the versions of a root's packages are, beside those that the document names. */
export const flavours = ['below', 'equal', 'above', 'mixed', 'other release'] as const;
export type Flavour = (typeof flavours)[number];

/** A package that the document asks for, with the conditions of its states. */
interface Asked {
  name: string;
  entities: OvalEntity[];
}

/**
 * Writes a root file system with the packages that a document asks for, each in a version around one that it compares with,
 * and the release package and files that it looks for. `other release`: without these.
 */
export function writeRootFor(document: OvalDocument, flavour: Flavour, root: string): void {
  const rpms = askedPackages(document, 'linux/rpminfo');
  const debs = askedPackages(document, 'linux/dpkginfo');
  const files = releaseFiles(document, flavour);
  if (rpms.length > 0) {
    const packages = rpms.flatMap((asked, at) => rpmFor(asked, flavour, at));
    writeRpmDatabase(join(root, 'var/lib/rpm'), [...packages, ...ownersOfReleaseFiles(document, flavour)]);
  }
  if (debs.length > 0) {
    files.set(
      'var/lib/dpkg/status',
      debs
        .flatMap((asked, at) =>
          isLeftOut(asked, flavour, at) ? [] : stanza(asked.name, debVersion(asked, flavour, at)),
        )
        .join(''),
    );
  }
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function debVersion(asked: Asked, flavour: Flavour, at: number): string {
  const version = asked.entities.find(({ name }) => name === 'version');
  return isRelease(asked.name) && version ? `${sample(version)}-1` : versionFor(asked, flavour, at);
}

function askedPackages({ tests, objects, states, variables }: OvalDocument, type: string): Asked[] {
  const asked = new Map<string, OvalEntity[]>();
  for (const test of Object.values(tests)) {
    if (test.type !== type || test.object === undefined) continue;
    const entity = objects[test.object]?.entities.find(({ name }) => name === 'name');
    if (!entity) continue;
    const names =
      entity.variable === undefined ? [sample(entity)] : (variables[entity.variable]?.values ?? []);
    const entities = (test.states ?? []).flatMap((id) => states[id]?.entities ?? []);
    for (const name of names) if (name !== '') asked.set(name, [...(asked.get(name) ?? []), ...entities]);
  }
  return [...asked].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, entities]) => ({ name, entities }));
}

/** A text that equals the value of an entity, or that the beginning of its pattern finds. */
function sample({ operation, value = '' }: OvalEntity): string {
  if (operation !== 'pattern match') return value.trim();
  const [first = ''] = value
    .replace(/^\^/, '')
    .replace(/\(\?:|[()]/g, '')
    .replace(/\\([.+-])/g, '$1')
    .split(/[|$*?[\\]/);
  const start = first.replace(/[.+]$/, '');
  return ['', '.0', ' 1', '1', '"'].map((end) => start + end).find((text) => isFound(value, text)) ?? start;
}

function isFound(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return false;
  }
}

function isRelease(name: string): boolean {
  return /(?:^|-)release(?:-|$)/.test(name);
}

/** One package in seven is not installed. */
function isLeftOut({ name }: Asked, flavour: Flavour, at = 1): boolean {
  return isRelease(name) ? flavour === 'other release' : flavour === 'mixed' && at % 7 === 6;
}

function rpmFor(asked: Asked, flavour: Flavour, at: number): RpmPackage[] {
  if (isLeftOut(asked, flavour, at)) return [];
  const { name, entities } = asked;
  const { epoch, version, release } = partsOf(versionFor(asked, flavour, at));
  const of = (entity: string) => {
    const found = entities.find((each) => each.name === entity);
    return found && sample(found);
  };
  const key = of('signature_keyid');
  const arch = of('arch');
  return [
    {
      name,
      ...(epoch > 0 ? { epoch } : {}),
      version: isRelease(name) ? (of('version') ?? version) : version,
      release,
      arch: arch && /^\w+$/.test(arch) ? arch : 'x86_64',
      sourcerpm: `${name}-${version}-${release}.src.rpm`,
      // A third of the packages are signed by somebody else.
      keyid: key && /^[0-9a-f]{16}$/.test(key) && at % 3 < 2 ? key : '0123456789abcdef',
    },
  ];
}

/** A version around the one of the name's comparisons that the number chooses. */
function versionFor({ entities }: Asked, flavour: Flavour, at: number): string {
  const stated = entities.filter(({ name }) => name === 'evr').map(({ value = '' }) => value.trim());
  const chosen = stated[at % Math.max(1, stated.length)] || '0:1.0-1';
  const side =
    flavour === 'mixed' || flavour === 'other release'
      ? (['below', 'equal', 'above'] as const)[at % 3]
      : flavour;
  if (side === 'equal') return chosen;
  return side === 'below' ? `${chosen}~` : `${chosen}.1`;
}

function partsOf(evr: string): { epoch: number; version: string; release: string } {
  const [, epoch = '0', version = '1', release = '1'] = /^(?:(\d+):)?([^-]*)(?:-(.*))?$/.exec(evr) ?? [];
  return { epoch: Number(epoch), version: version || '1', release: release || '1' };
}

/** Packages that own the release files that rpmverifyfile objects name. */
function ownersOfReleaseFiles({ tests, objects, states }: OvalDocument, flavour: Flavour): RpmPackage[] {
  const owners = new Map<string, RpmPackage>();
  for (const { type, object = '', states: ids = [] } of Object.values(tests)) {
    if (type !== 'linux/rpmverifyfile') continue;
    const path = objects[object]?.entities.find(({ name }) => name === 'filepath')?.value?.trim();
    const entities = ids.flatMap((id) => states[id]?.entities ?? []);
    const name = entities.find((entity) => entity.name === 'name');
    const version = entities.find((entity) => entity.name === 'version');
    if (!path || !name || owners.has(path)) continue;
    owners.set(path, {
      name: flavour === 'other release' ? 'foreign-release' : sample(name),
      version: (version && sample(version)) || '9',
      release: '1',
      arch: 'noarch',
      sourcerpm: 'release-9-1.src.rpm',
      files: [path],
    });
  }
  return [...owners.values()];
}

/** Release files as text tests look for them: lines that their patterns find, with the values that their states ask for. */
function releaseFiles({ tests, objects, states }: OvalDocument, flavour: Flavour): Map<string, string> {
  const files = new Map<string, string>([['etc/os-release', 'ID=acme\nVERSION_ID="1"\n']]);
  if (flavour === 'other release') return files;
  for (const { type, object = '', states: ids = [] } of Object.values(tests)) {
    const entities = objects[object]?.entities;
    if (!type.startsWith('independent/textfilecontent') || !entities) continue;
    const of = (name: string) => entities.find((entity) => entity.name === name);
    const [filepath, path, filename, pattern] = ['filepath', 'path', 'filename', 'pattern'].map(of);
    const place = filepath
      ? sample(filepath)
      : `${path ? sample(path) : ''}/${filename ? sample(filename) : ''}`;
    if (!pattern?.value || !/^\/[\w./-]+$/.test(place) || place.endsWith('/')) continue;
    const asked = ids
      .flatMap((id) => states[id]?.entities ?? [])
      .find(({ name }) => name === 'subexpression');
    const text = lineFor(pattern, asked && sample(asked));
    const key = place.slice(1);
    if (!files.get(key)?.includes(text)) files.set(key, `${files.get(key) ?? ''}${text}\n`);
  }
  return files;
}

function lineFor(pattern: OvalEntity, captured: string | undefined): string {
  const value = pattern.value ?? '';
  if (captured === undefined) return sample(pattern);
  const plain = value
    .replace(/^\^|\$$/g, '')
    .replace(/\[\\s\\S\]\*/g, '')
    .replace(/\((?:[^()]|\([^()]*\))*\)/, captured)
    .replace(/\\s\*|\["'\]\??/g, '')
    .replace(/\\d/g, '1')
    .replace(/\\([.+-])/g, '$1');
  return isFound(value, plain) ? plain : sample(pattern);
}
