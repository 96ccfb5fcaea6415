import models from '@tufjs/models';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { ScapfeedError } from '../../model/error.ts';
import { compareCodeUnits } from '../../model/order.ts';
import type { KeyRole, PublicKey } from '../keys/key-file.ts';
import type { KeySigner } from '../keys/signer.ts';

/** The version of The Update Framework's specification that our metadata keeps. */
export const specVersion = '1.0.31';

/** Members of every role's signed part (specification 4.3). */
interface Common {
  _type: KeyRole;
  spec_version: string;
  version: number;
  expires: string;
}

export interface RoleKeys {
  keyids: string[];
  threshold: number;
}

export interface RootPart extends Common {
  _type: 'root';
  consistent_snapshot: true;
  keys: Record<string, PublicKey>;
  roles: Record<KeyRole, RoleKeys>;
}

export interface FileInfo {
  length: number;
  hashes: { sha256: string };
}

export interface TargetsPart extends Common {
  _type: 'targets';
  targets: Record<string, TargetInfo>;
  delegations?: { keys: Record<string, PublicKey>; roles: Delegation[] };
}

export interface TargetInfo extends FileInfo {
  custom?: Record<string, string | number>;
}

export interface Delegation extends RoleKeys {
  name: string;
  terminating: boolean;
  paths: string[];
}

export interface SnapshotPart extends Common {
  _type: 'snapshot';
  meta: Record<string, FileInfo & { version: number }>;
}

export interface TimestampPart extends Common {
  _type: 'timestamp';
  meta: { 'snapshot.json': FileInfo & { version: number } };
  /** When it was signed, ISO 8601: what an air-gapped receiver measures --max-age from. */
  signed: string;
}

export type SignedPart = RootPart | TargetsPart | SnapshotPart | TimestampPart;

/** A document as it stands on a server: its signed part and signatures over the canonical form of it. */
export interface SignedDocument<T extends SignedPart = SignedPart> {
  signatures: { keyid: string; sig: string }[];
  signed: T;
}

/** Signs with every signer given; `document` brings signatures that others made before. */
export function signPart(
  part: SignedPart,
  signers: readonly KeySigner[],
  before: readonly { keyid: string; sig: string }[] = [],
): string {
  const metadata = readMetadata({ signatures: [...before], signed: part });
  for (const signer of signers) {
    metadata.sign((bytes) => new models.Signature({ keyID: signer.keyid, sig: signer.sign(bytes) }));
  }
  const { signatures, signed } = metadata.toJSON() as unknown as SignedDocument;
  signatures.sort((a, b) => compareCodeUnits(a.keyid, b.keyid));
  return `${JSON.stringify({ signatures, signed })}\n`;
}

/** Number of signatures that a document lacks, by the root (or delegator) that names the role's keys. */
export function missingSignatures(root: SignedDocument<RootPart>, document: SignedDocument): number {
  const delegator = readMetadata(root);
  const signed = readMetadata(document);
  const { keyids, threshold } = root.signed.roles[document.signed._type];
  const good = [...new Set(keyids)].filter((keyid) => isSignedBy(delegator, keyid, signed));
  return Math.max(0, threshold - good.length);
}

export function parseDocument<T extends SignedPart>(text: string, where: string): SignedDocument<T> {
  try {
    const document = parseForeignJson(text) as SignedDocument<T>;
    if (document.signed?._type && Array.isArray(document.signatures)) return document;
  } catch {
    // The same complaint for everything that is no metadata.
  }
  throw new ScapfeedError({
    code: 'TRUST_NOT_METADATA',
    message: 'expected signed metadata, found something else',
    where,
    remedy: 'restore a good copy of the file',
  });
}

type Json = Parameters<typeof models.Metadata.fromJSON>[1];
type AnyMetadata = InstanceType<typeof models.Metadata>;

function readMetadata(document: SignedDocument): AnyMetadata {
  const kind = kinds[document.signed._type] as models.MetadataKind.Root;
  return models.Metadata.fromJSON(kind, document as unknown as Json) as unknown as AnyMetadata;
}

const kinds = {
  root: models.MetadataKind.Root,
  targets: models.MetadataKind.Targets,
  snapshot: models.MetadataKind.Snapshot,
  timestamp: models.MetadataKind.Timestamp,
};

function isSignedBy(delegator: AnyMetadata, keyid: string, document: AnyMetadata): boolean {
  const { keys } = delegator.signed as InstanceType<typeof models.Root>;
  try {
    keys[keyid]?.verifySignature(document);
    return keys[keyid] !== undefined;
  } catch {
    return false;
  }
}
