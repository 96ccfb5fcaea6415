import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { namedRefusal, whereText } from '../../io/system-reason.ts';
import { TarCut, TarFault } from '../../io/tar/fault.ts';
import { TarReader, type TarRules, type TarSink } from '../../io/tar/reader.ts';
import { skimTar } from '../../io/tar/skim-tar.ts';
import { ScapfeedError } from '../../model/error.ts';
import { whole } from '../../model/progress.ts';
import type { FileReader } from '../pull/file-reader.ts';

/** Limit on the files of a bundle. */
const maxFiles = 100_000;
/** Limit on the pax records of one file, in bytes; names in a published folder need less. */
const maxExtendedBytes = 4096;

/** Opens a bundle for reading by name. Its content is no more trusted than a server's. @throws TRUST_TRUNCATED, TRUST_NOT_METADATA */
export function openBundle(path: string): FileReader {
  const fd = openSync(path, 'r');
  try {
    const files = listFiles(fd, path);
    return {
      roles: [...files.keys()].flatMap((name) => /^metadata\/\d+\.(.+)\.json$/.exec(name)?.[1] ?? []),
      read(name, maxBytes) {
        const extent = files.get(name);
        if (!extent) return undefined;
        if (extent.size > maxBytes) throw tooLarge(`${path}/${name}`, maxBytes, extent.size);
        const bytes = Buffer.alloc(extent.size);
        readSync(fd, bytes, 0, extent.size, extent.start);
        return bytes;
      },
      close: () => closeSync(fd),
    };
  } catch (error) {
    closeSync(fd);
    throw namedRefusal(error, path);
  }
}

/** Position of a file in a bundle. */
interface Extent {
  start: number;
  size: number;
}

function listFiles(fd: number, path: string): Map<string, Extent> {
  const files = new Map<string, Extent>();
  const rules: TarRules = {
    where: path,
    error: (fault, where) =>
      fault instanceof TarCut ? cut(path, fstatSync(fd).size) : noBundle(fault, whereText(where)),
    checkExtended(bytes) {
      if (bytes > maxExtendedBytes) throw new TarFault(`${bytes} bytes of pax records`);
    },
    checkEntry() {
      if (files.size === maxFiles) throw tooLarge(path, maxFiles, maxFiles + 1);
    },
  };
  const entry: TarSink['entry'] = ({ name, type, size, sparseSize, dataOffset }) => {
    if (type !== 'file' || sparseSize !== undefined) throw new TarFault('an entry is no regular file');
    files.set(name, { start: dataOffset, size });
    return false;
  };
  const reader = new TarReader({ entry, data() {}, entryEnd() {} }, rules);
  whole(skimTar(fd, reader));
  // Unlike other tars, a bundle must have the two end blocks.
  if (!reader.ended) throw cut(path, fstatSync(fd).size);
  return files;
}

function noBundle(cause: TarFault, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'TRUST_NOT_METADATA',
    message: `expected a bundle as \`scapfeed bundle\` writes it: ${cause.message}`,
    where,
    remedy: 'copy the bundle again, or specify the right file with --from',
    cause,
  });
}

function cut(path: string, at: number): ScapfeedError {
  return new ScapfeedError({
    code: 'TRUST_TRUNCATED',
    message: `the bundle was cut after ${at} bytes`,
    where: path,
    remedy: 'copy the bundle again',
  });
}

function tooLarge(where: string, allowed: number, found: number): ScapfeedError {
  return new ScapfeedError({
    code: 'FETCH_TOO_LARGE',
    message: `expected at most ${allowed}, found ${found}`,
    where,
    remedy: 'copy the bundle again',
  });
}
