import { parseForeignJson } from '../../io/foreign-json.ts';
import { ScapfeedError } from '../../model/error.ts';
import { schemaErrors } from '../../validate/json-schema.ts';

/** The VEX repositories that a feed carries. schemas/vex-list.schema.json describes it. */
export interface VexList {
  repositories: readonly VexRepository[];
}

/** A repository by its manifest, or by one archive of it. */
export interface VexRepository {
  /** The name in `--vex feed:NAME`. */
  name: string;
  /** Address of a `vex-repository.json`. */
  manifest?: string;
  /** Address of an archive; `//FOLDER` at its end names the folder in it. */
  archive?: string;
  /** Of the archive, in hex. Absent: whatever the address has. */
  sha256?: string;
  /** SPDX expression. */
  licence: string;
}

/** An archive and the folder of the repository in it. */
export interface Location {
  url: string;
  folder: string;
}

/** Reads a list. @throws {ScapfeedError} SOURCE_MALFORMED where it breaks its schema or has a name twice */
export function parseVexList(text: string, where: string): VexList {
  let list: unknown;
  try {
    list = parseForeignJson(text, { uniqueNames: true });
  } catch (cause) {
    throw malformed(where, 'it is not JSON', cause);
  }
  const [error] = schemaErrors('vex-list', list);
  if (error !== undefined) throw malformed(where, error);
  const names = (list as VexList).repositories.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw malformed(where, `the name ${twice} is there twice`);
  return list as VexList;
}

/** Version of the specification that is read. Of 0.x, each is another one. */
const specification = '0.1';

/** The first location of a manifest that is read. @throws {ScapfeedError} SOURCE_MALFORMED */
export function locationIn(manifest: Buffer, where: string): Location {
  const { versions } = recordOf(parsed(manifest, where));
  const all = Array.isArray(versions) ? versions.map(recordOf) : [];
  const own = all.find(({ spec_version: version }) => version === specification);
  const locations = Array.isArray(own?.['locations']) ? own['locations'].map(recordOf) : [];
  const url = locations.map((each) => each['url']).find((each) => typeof each === 'string');
  if (url === undefined)
    throw malformed(where, `expected a location of version ${specification}, found none`);
  if (!url.startsWith('https://')) throw malformed(where, 'expected a location with https');
  return splitLocation(url);
}

/** `https://HOST/main.tar.gz//folder`. */
export function splitLocation(url: string): Location {
  const scheme = url.indexOf('://') + 3;
  const at = url.indexOf('//', scheme);
  return at < 0
    ? { url, folder: '' }
    : { url: url.slice(0, at), folder: url.slice(at + 2).replace(/\/+$/, '') };
}

function parsed(bytes: Buffer, where: string): unknown {
  try {
    return parseForeignJson(bytes, { uniqueNames: true });
  } catch (cause) {
    throw malformed(where, 'it is not JSON', cause);
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function malformed(where: string, fault: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `VEX repositories: ${fault}`,
    where,
    remedy:
      'correct the list of repositories, whose schema is schemas/vex-list.schema.json, or ask the publisher',
    cause,
  });
}
