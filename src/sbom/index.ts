import { createReadStream, statSync } from 'node:fs';
import { foreignNotes } from '../distros/databases.ts';
import { readAll } from '../io/bytes.ts';
import { decompress } from '../io/decompress.ts';
import { known } from '../io/json-parts.ts';
import { refusedAccess } from '../io/system-reason.ts';
import { type ErrorCode, isScapfeedError, ScapfeedError } from '../model/error.ts';
import { type Image, type Inventory, type Layer, noFiles } from '../model/inventory/index.ts';
import type { OwnInventory, SbomDocument, SbomSubject } from './document.ts';
import { readComponents, sortComponents } from './packages.ts';
import { readSbomDocument } from './read-document.ts';
import { type ReleaseAnswers, releaseAnswers, releaseOf } from './release.ts';

/** The largest document that is read, decompressed: an SBOM with files of a large image has 200 MB. */
const maxBytes = 400 * 1024 * 1024;

/** The content of an SBOM: an image without files, and its inventory. */
export interface ReadSbom {
  image: Image;
  inventory: Inventory;
  /** Results of release checks by file, as they would be on the image. */
  answers: ReleaseAnswers;
}

/** Opens `sbom:FILE`; it may be compressed. `-`: the standard input. @throws {ScapfeedError} IMAGE_NOT_FOUND, SBOM_MALFORMED, … */
export async function openSbom(file: string): Promise<ReadSbom> {
  const body = file === '-' ? process.stdin : createReadStream(requireFile(file), { highWaterMark: 1 << 20 });
  const where = file === '-' ? 'stdin' : file;
  let bytes: Buffer;
  try {
    const plain = decompress(body, { maxBytes, where });
    bytes = await readAll(plain, { maxBytes, code: 'IMAGE_LIMIT_EXCEEDED', where });
  } catch (error) {
    throw ofSbom(error, where);
  }
  return file === '-' ? readSbom(bytes, where) : contentOf(bytes, where);
}

/** Reads an SBOM that is in memory, such as the predicate of an attestation. `where`: its name in results and errors. */
export function readSbom(bytes: Buffer, where: string): ReadSbom {
  const content = contentOf(bytes, where);
  return { ...content, image: { ...content.image, place: 'sbom:-' } };
}

function contentOf(bytes: Buffer, where: string): ReadSbom {
  let document: SbomDocument | OwnInventory;
  try {
    document = readSbomDocument(bytes, where);
  } catch (error) {
    throw ofSbom(error, where);
  }
  return 'inventory' in document ? ownResult(document, where) : foreignResult(document, where);
}

/** An error of reading JSON, XML or compressed bytes: here they are in the place of an image, not of a feed or content. */
function ofSbom(error: unknown, where: string): unknown {
  const refused = refusedAccess(error, 'the SBOM');
  if (refused) return new ScapfeedError({ code: 'IMAGE_UNREADABLE', ...refused, where, cause: error });
  if (!isScapfeedError(error)) return error;
  const code = sbomCodes[error.code];
  if (code === undefined) return error;
  const { message, where: place, remedy = 'write the SBOM again' } = error;
  return new ScapfeedError({ code, message, ...known({ where: place }), remedy, cause: error });
}

const sbomCodes: Readonly<Partial<Record<ErrorCode, ErrorCode>>> = {
  SOURCE_NOT_JSON: 'SBOM_MALFORMED',
  SOURCE_MALFORMED: 'SBOM_MALFORMED',
  CONTENT_MALFORMED: 'SBOM_MALFORMED',
  SOURCE_TOO_LARGE: 'IMAGE_LIMIT_EXCEEDED',
};

function ownResult({ format, inventory, subject, layers }: OwnInventory, where: string): ReadSbom {
  const notes = [
    ...inventory.notes,
    { code: 'sbom', where, detail: `${format}: ${inventory.packages.length} packages` },
  ];
  return {
    image: imageOf(subject, layers, where),
    inventory: { ...inventory, notes },
    answers: releaseAnswers(inventory.os === null ? [] : [inventory.os]),
  };
}

function foreignResult(document: SbomDocument, where: string): ReadSbom {
  const components = readComponents(document.components);
  const { os, notes: releaseNotes, answers } = releaseOf(document.systems, components, where);
  const { packages, languages, unjudged, notes, incomplete } = sortComponents(
    document,
    components,
    os,
    where,
  );
  const { format, writers, subject, layers } = document;
  const by = writers.length > 0 ? ` by ${writers.join(', ')}` : '';
  const count = document.components.length;
  const detail = `${format}${by}: ${packages.length} packages of apk, dpkg, pacman, portage or rpm among ${count} components`;
  return {
    image: imageOf(
      subject,
      layers.map((diffId) => ({ diffId })),
      where,
    ),
    inventory: {
      os,
      databases:
        packages.length > 0
          ? [{ kind: 'sbom', path: where, packages: packages.length, ...(incomplete && { incomplete }) }]
          : [],
      packages,
      notes: [{ code: 'sbom', where, detail }, ...releaseNotes, ...foreignNotes({ os, packages }), ...notes],
      ...(languages.length > 0 ? { languages } : {}),
      ...(unjudged.length > 0 ? { unjudged } : {}),
    },
    answers,
  };
}

function imageOf({ digest, architecture }: SbomSubject, layers: readonly Layer[], where: string): Image {
  return {
    kind: 'sbom',
    reference: `sbom:${where}`,
    ...known({ digest, architecture }),
    labels: {},
    env: [],
    files: noFiles(layers),
    notes: [],
    close: () => {},
  };
}

function requireFile(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats && !stats.isDirectory()) return file;
  throw new ScapfeedError({
    code: 'IMAGE_NOT_FOUND',
    message: `expected a file at ${file}, found ${stats ? 'a directory' : 'nothing'}`,
    where: `sbom:${file}`,
    remedy: 'check the path of the SBOM',
  });
}
