import { LengthOrHashMismatchError, UnsignedMetadataError } from '@tufjs/models/dist/error.js';
import { BadVersionError, ExpiredMetadataError, RepositoryError } from 'tuf-js/dist/error.js';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { type ErrorCode, ScapfeedError } from '../../model/error.ts';
import { feedStays } from '../feed-stays.ts';

/** The metadata that was being verified when tuf-js threw. */
export interface JudgedMetadata {
  role: string;
  bytes: Buffer;
  where: string;
  root: { roles: Record<string, { keyIDs: string[] }>; expires: string } | undefined;
  /** The user gave the root, and it has not verified anything yet. */
  doubtfulRoot?: boolean;
  /** Expected size of the metadata. */
  length?: number;
}

/** Converts an error of tuf-js: what was expected, what was found, what to do. */
export function trustError(error: unknown, judged: JudgedMetadata): ScapfeedError {
  if (error instanceof ScapfeedError) return error;
  const { code, message, remedy } = explain(error, judged);
  return new ScapfeedError({ code, message, where: judged.where, remedy, cause: error });
}

interface Explanation {
  code: ErrorCode;
  message: string;
  remedy: string;
}

const otherMirror = `use another mirror, and report it to the publisher${feedStays}`;

function explain(error: unknown, judged: JudgedMetadata): Explanation {
  const { role, bytes, length } = judged;
  const text = error instanceof Error ? error.message : String(error);
  if (looksLikeHtml(bytes)) return htmlPage(role);
  if (error instanceof SyntaxError) return brokenJson(role, bytes);
  if (error instanceof LengthOrHashMismatchError) {
    const cut = length !== undefined && bytes.length < length;
    return cut
      ? {
          code: 'TRUST_TRUNCATED',
          message: `the ${role} metadata was cut: expected ${length} bytes, found ${bytes.length}`,
          remedy: 'pull again',
        }
      : {
          code: 'TRUST_SWAPPED',
          message: `the ${role} metadata is not the one that was signed for: ${lower(text)}`,
          remedy: otherMirror,
        };
  }
  if (error instanceof ExpiredMetadataError) return expired(judged, text);
  if (error instanceof UnsignedMetadataError) return unsigned(judged, text);
  if (error instanceof BadVersionError) return badVersion(role, text);
  if (/specVersion/.test(text)) return otherFormat(role);
  if (error instanceof RepositoryError && text.startsWith('Missing file')) {
    return {
      code: 'TRUST_ROLLBACK',
      message: `the snapshot dropped a role that it had: ${lower(text)}`,
      remedy: otherMirror,
    };
  }
  if (/expected '|Expected '/.test(text)) {
    return {
      code: 'TRUST_SWAPPED',
      message: `found other metadata in place of ${role}: ${lower(text)}`,
      remedy: otherMirror,
    };
  }
  return {
    code: 'TRUST_NOT_METADATA',
    message: `expected ${role} metadata, found something else: ${lower(text)}`,
    remedy: otherMirror,
  };
}

/** True for a web page of a proxy, a login or a registry's front end, sent with status 200. */
export function looksLikeHtml(bytes: Buffer): boolean {
  return /^\s*<(!doctype html|html|head|body|\?xml)/i.test(bytes.toString('latin1', 0, 256));
}

/** The error for a target that was replaced by such a page. */
export function webPage(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'TRUST_NOT_METADATA',
    message: 'expected a signed target, the server answered with a web page',
    where,
    remedy: noPageThere,
  });
}

const noPageThere =
  'check the address given with --from, and whether a proxy or a login page answers instead';

function htmlPage(role: string): Explanation {
  return {
    code: 'TRUST_NOT_METADATA',
    message: `expected ${role} metadata, the server answered with a web page`,
    remedy: noPageThere,
  };
}

function brokenJson(role: string, bytes: Buffer): Explanation {
  return bytes[0] === 0x7b
    ? {
        code: 'TRUST_TRUNCATED',
        message: `the ${role} metadata was cut after ${bytes.length} bytes`,
        remedy: 'pull again',
      }
    : {
        code: 'TRUST_NOT_METADATA',
        message: `expected ${role} metadata, found something else`,
        remedy: otherMirror,
      };
}

function expired({ role, bytes, root }: JudgedMetadata, text: string): Explanation {
  // The root's expiry is checked together with the timestamp (specification 5.3.10).
  if (text.includes('root.json')) {
    return {
      code: 'TRUST_EXPIRED',
      message: `the root expired ${root?.expires}: the publisher has not signed a new one, or the mirror withholds it`,
      remedy: `ask the publisher to sign a new root with \`scapfeed keys rotate --role root\`${feedStays}`,
    };
  }
  const date = field(bytes, 'expires');
  return {
    code: 'TRUST_EXPIRED',
    message: `the ${role} metadata expired${date ? ` ${date}` : ''}: nothing newer was published, or the mirror withholds it`,
    remedy:
      'ask the publisher whether they still publish; for a bundle or folder set the allowed age with --max-age',
  };
}

/** Distinguishes no signature by any key of the role from invalid signatures. */
function unsigned({ role, bytes, root, doubtfulRoot }: JudgedMetadata, text: string): Explanation {
  const keyids = root?.roles[role]?.keyIDs ?? root?.roles['targets']?.keyIDs ?? [];
  const claimed = signatures(bytes).filter((keyid) => keyids.includes(keyid)).length;
  if (claimed === 0 && doubtfulRoot) {
    return {
      code: 'TRUST_UNSIGNED',
      message: `no key of the given root has signed the ${role} metadata: it is probably the root of another publisher`,
      remedy: `specify the root of this publisher with --trust-root; if it is theirs, ${otherMirror}`,
    };
  }
  return claimed === 0
    ? {
        code: 'TRUST_UNSIGNED',
        message: `the ${role} metadata has no signature by a trusted key (${lower(text)})`,
        remedy: otherMirror,
      }
    : {
        code: 'TRUST_SIGNATURE_WRONG',
        message: `the ${role} metadata was changed after it was signed (${lower(text)})`,
        remedy: otherMirror,
      };
}

function badVersion(role: string, text: string): Explanation {
  const numbers = [...text.matchAll(/\d+/g)].map(([number]) => Number(number));
  if (role === 'root' && numbers.length === 2 && numbers[1]! > numbers[0]!) {
    return {
      code: 'TRUST_ROOT_SKIPPED',
      message: `expected root version ${numbers[0]}, found ${numbers[1]}`,
      remedy: otherMirror,
    };
  }
  if (/match/.test(text)) {
    return {
      code: 'TRUST_SWAPPED',
      message: `the mirror mixes two states: ${lower(text)}`,
      remedy: otherMirror,
    };
  }
  return {
    code: 'TRUST_ROLLBACK',
    message: `older ${role} metadata than was seen before: ${lower(text)}`,
    remedy: otherMirror,
  };
}

function otherFormat(role: string): Explanation {
  return {
    code: 'FEED_FORMAT_UNSUPPORTED',
    message: `the ${role} metadata is of a version of TUF that this scapfeed does not read`,
    remedy: 'use a newer version of scapfeed',
  };
}

function signatures(bytes: Buffer): string[] {
  try {
    return (parseForeignJson(bytes) as { signatures: { keyid: string }[] }).signatures.map(
      ({ keyid }) => keyid,
    );
  } catch {
    return [];
  }
}

function field(bytes: Buffer, name: string): string | undefined {
  try {
    return String((parseForeignJson(bytes) as { signed: Record<string, unknown> }).signed[name]);
  } catch {
    return undefined;
  }
}

function lower(text: string): string {
  return text.replace(/^[A-Z]/, (letter) => letter.toLowerCase());
}

/** A timestamp is signed after all that it names is in place, so a mirror that lacks a file mixes two states. */
export function missingAsSwapped(error: unknown, what: string): unknown {
  if (!(error instanceof ScapfeedError) || error.code !== 'FETCH_NOT_FOUND') return error;
  return new ScapfeedError({
    code: 'TRUST_SWAPPED',
    message: `the signed metadata names ${what}, which is not there: the mirror mixes two states`,
    ...(error.where === undefined ? {} : { where: error.where }),
    remedy: 'use another mirror, or wait until this one is consistent again',
    cause: error,
  });
}
