import { packageDescriptions } from '../../inventory/index.ts';
import type { Image, Inventory } from '../../model/index.ts';
import { packageUrl } from '../../report/purl.ts';
import type { SbomImage } from '../../report/sbom/subject.ts';
import { toolVersion } from '../tool-version.ts';

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
