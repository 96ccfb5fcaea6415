import { createReadStream } from 'node:fs';
import { statOrNothing } from '../../image/view/dir-view.ts';
import { packageDescriptions } from '../../inventory/index.ts';
import { decompress } from '../../io/decompress.ts';
import { bomKind, otherKind } from '../../io/tar/other-kind.ts';
import type { Image, Inventory } from '../../model/inventory/index.ts';
import { packageUrl } from '../../report/purl.ts';
import type { SbomImage } from '../../report/sbom/subject.ts';
import { toolVersion } from '../tool-version.ts';

/** The file of a reference that is an SBOM: `sbom:FILE`, or the path of a file that begins as one; undefined: it is an image. */
export async function sbomFile(reference: string): Promise<string | undefined> {
  const [, file] = /^sbom:(.+)$/s.exec(reference) ?? [];
  if (file !== undefined) return file;
  if (reference === '-' || !statOrNothing(reference)?.isFile()) return undefined;
  return (await beginsAsSbom(reference)) ? reference : undefined;
}

/** The block that identifies a tar. */
const headBytes = 512;

/** Whether a file, compressed or not, begins as tools write SBOMs; one in an envelope of signatures does not. */
async function beginsAsSbom(file: string): Promise<boolean> {
  let head = Buffer.alloc(0);
  try {
    for await (const piece of decompress(createReadStream(file), { maxBytes: Infinity, where: file })) {
      head = Buffer.concat([head, piece.subarray(0, headBytes)]);
      if (head.length >= headBytes) break;
    }
  } catch {
    // The reader of images reports the fault.
    return false;
  }
  return otherKind(head.subarray(0, headBytes))?.startsWith(bomKind) === true;
}

/** Formats that list packages with their licences. */
const sbomFormats: readonly string[] = ['cyclonedx', 'cyclonedx-1.7', 'spdx'];

/** Whether an output needs more of the image's files than an inventory does. */
export function hasSbom(outputs: readonly { format: string }[]): boolean {
  return outputs.some(({ format }) => sbomFormats.includes(format));
}

export function sbomSubject(image: Image, inventory: Inventory, date: string | undefined): SbomImage {
  const { reference, digest, architecture, files } = image;
  return {
    reference,
    ...(digest === undefined ? {} : { digest }),
    ...(architecture === undefined ? {} : { architecture }),
    layers: files.layers,
    inventory: { ...inventory, packages: [...inventory.packages, ...(inventory.languages ?? [])] },
    toolVersion,
    date,
    purl: (pkg) => packageUrl(pkg, inventory.os),
    describe: packageDescriptions(files),
  };
}

/** The last second that a date in an SBOM can be (RFC 3339 has years of four digits). */
const lastSecond = 253_402_300_799;

/** When the newest package database was written last: the date of an inventory, the same on every run. */
export function databaseDate({ files }: Image, { databases }: Inventory): Date {
  const times = databases.map(({ path }) => files.stat(path)?.mtime ?? 0);
  return new Date(Math.max(0, ...times.filter((time) => time <= lastSecond)) * 1000);
}
