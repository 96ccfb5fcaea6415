import { createHash } from 'node:crypto';
import type { RpmSpec } from './rpm-header.ts';

/** A file as a package's header is to describe it; what is absent follows from the content. */
export interface RpmFileSpec {
  path: string;
  content?: string | Buffer;
  /** With type bits; default: a regular file 0644, a link 0777. */
  mode?: number;
  user?: string;
  group?: string;
  link?: string;
  digest?: string;
  flags?: number;
  verify?: number;
  state?: number;
  capabilities?: string;
  mtime?: number;
}

/** Tags of rpmtag.h that describe the files of a package; `algorithm` is a hash algorithm of OpenPGP, 8 for SHA-256. */
export function rpmFileTags(files: readonly RpmFileSpec[], algorithm = 8): NonNullable<RpmSpec['more']> {
  const split = files.map(({ path }) => {
    const slash = path.lastIndexOf('/') + 1;
    return { directory: path.slice(0, slash), base: path.slice(slash) };
  });
  const directories = [...new Set(split.map(({ directory }) => directory))];
  const contents = files.map(({ content = '' }) => Buffer.from(content));
  const modes = files.map(({ mode, link }) => mode ?? (link === undefined ? 0o100644 : 0o120777));
  const digests = files.map(({ digest }, at) => {
    const regular = (modes[at]! & 0o170000) === 0o100000;
    return digest ?? (regular ? createHash('sha256').update(contents[at]!).digest('hex') : '');
  });
  return [
    int32s(
      1028,
      contents.map(({ length }) => length),
    ),
    [1029, 1, Buffer.from(files.map(({ state = 0 }) => state)), files.length],
    int16s(1030, modes),
    int32s(
      1034,
      files.map(({ mtime = 0 }) => mtime),
    ),
    texts(1035, digests),
    texts(
      1036,
      files.map(({ link = '' }) => link),
    ),
    int32s(
      1037,
      files.map(({ flags = 0 }) => flags),
    ),
    texts(
      1039,
      files.map(({ user = 'root' }) => user),
    ),
    texts(
      1040,
      files.map(({ group = 'root' }) => group),
    ),
    int32s(
      1045,
      files.map(({ verify = 0xffff_ffff }) => verify),
    ),
    int32s(
      1116,
      split.map(({ directory }) => directories.indexOf(directory)),
    ),
    texts(
      1117,
      split.map(({ base }) => base),
    ),
    texts(1118, directories),
    texts(
      5010,
      files.map(({ capabilities = '' }) => capabilities),
    ),
    int32s(5011, [algorithm]),
  ];
}

type Tag = NonNullable<RpmSpec['more']>[number];

function int32s(tag: number, values: readonly number[]): Tag {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, 4 * at);
  return [tag, 4, bytes, values.length];
}

function int16s(tag: number, values: readonly number[]): Tag {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt16BE(value, 2 * at);
  return [tag, 3, bytes, values.length];
}

function texts(tag: number, values: readonly string[]): Tag {
  return [tag, 8, Buffer.from(values.map((value) => `${value}\0`).join('')), values.length];
}
