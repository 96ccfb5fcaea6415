import { unreadable } from '../../files/unreadable.ts';
import type { InstalledPackage, InventoryNote } from '../../model/inventory/index.ts';
import { type RpmHeader, tags } from './header.ts';
import { signingKeyId } from './signature.ts';

/** An imported key, which rpm keeps among the packages. */
const keyPackage = 'gpg-pubkey';

/** Returns the installed package of a header; undefined for an imported key. Harmless oddities become notes. */
export function rpmPackage(
  header: RpmHeader,
  database: string,
  notes: InventoryNote[],
): InstalledPackage | undefined {
  const name = required(header, tags.name, 'name');
  if (name === keyPackage) return undefined;
  const version = required(header, tags.version, 'version');
  const release = required(header, tags.release, 'release');
  const build = `${version}-${release}`;
  const epoch = header.int32(tags.epoch);
  const item: Omit<InstalledPackage, 'database'> & { database?: string } = {
    type: 'rpm',
    name,
    version: epoch === undefined ? build : `${epoch}:${build}`,
    arch: header.text(tags.arch) ?? '',
    source: sourceOfRpm(header.text(tags.sourceRpm)) ?? { name, version: build },
  };
  const label = header.text(tags.modularityLabel);
  if (label) {
    item.module = label.split(':', 2).join(':');
    item.modularityLabel = label;
  }
  const vendor = header.text(tags.vendor);
  if (vendor) item.vendor = vendor;
  const keyId = keyIdOf(header, name, notes);
  if (keyId) item.keyId = keyId;
  item.database = database;
  return item as InstalledPackage;
}

function required(
  header: RpmHeader,
  tag: typeof tags.name | typeof tags.version | typeof tags.release,
  word: string,
) {
  const text = header.text(tag);
  if (!text) throw unreadable(header.where, `expected a package's ${word}, found none`);
  return text;
}

/** `NAME-VERSION-RELEASE.src.rpm`, or `.nosrc.rpm`; it has no epoch. */
export function sourceOfRpm(sourceRpm = ''): InstalledPackage['source'] | undefined {
  const ending = sourceEndings.find((each) => sourceRpm.endsWith(each));
  if (ending === undefined) return undefined;
  const end = sourceRpm.length - ending.length;
  const release = sourceRpm.lastIndexOf('-', end - 1);
  const version = release < 1 ? -1 : sourceRpm.lastIndexOf('-', release - 1);
  if (version < 1 || release - version < 2 || end - release < 2) return undefined;
  return { name: sourceRpm.slice(0, version), version: sourceRpm.slice(version + 1, end) };
}

const sourceEndings = ['.src.rpm', '.nosrc.rpm'];

/** A header signature before one of header and payload, RSA before DSA, in rpm's own order. */
function keyIdOf(header: RpmHeader, name: string, notes: InventoryNote[]): string | undefined {
  const signature = signatureOf(header);
  const keyId = signature && signingKeyId(signature);
  if (signature && !keyId) notes.push({ code: 'unknown_signature', where: header.where, detail: name });
  return keyId;
}

function signatureOf(header: RpmHeader): Buffer | undefined {
  const base64 = header.text(tags.openPgp);
  if (base64) return Buffer.from(base64, 'base64');
  return (
    header.bytes(tags.rsaHeader) ??
    header.bytes(tags.dsaHeader) ??
    header.bytes(tags.sigPgp) ??
    header.bytes(tags.sigGpg)
  );
}
