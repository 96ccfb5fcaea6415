import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { forgetUnfinished, noteUnfinished } from '../../io/unfinished.ts';
import { isScapfeedError } from '../../model/error.ts';

/** The trust that a first pull establishes. */
export interface FirstTrust {
  /** Called when the pulled files are in place: the next pull continues from this trust. */
  keep(): void;
  /** The pull failed: unless `keep` was called, nothing is trusted again, because the root may be the wrong one. */
  undo(cause: unknown): void;
}

/** `folder`: the trust folder. A trust that an earlier pull left there is not touched, so that a rollback is still seen. */
export function firstTrust(folder: string): FirstTrust {
  if (existsSync(join(folder, 'root.json'))) return { keep() {}, undo() {} };
  let isKept = false;
  const noted = noteUnfinished(`${folder}/*`, () => remove(folder, isTrust));
  return {
    keep() {
      isKept = true;
      forgetUnfinished(noted);
    },
    undo(cause) {
      if (!isKept) remove(folder, isRefusal(cause) ? (name) => isTrust(name) || name === 'partial' : isTrust);
      forgetUnfinished(noted);
    },
  };
}

/** Trusted metadata, those of a root that has verified nothing yet, and what a registry answered. */
const isTrust = (name: string): boolean => /\.json$|^candidate$|^oci$/.test(name);

/** Of an interrupted transfer the downloads stay for the next attempt, which checks their digests. */
function isRefusal(cause: unknown): boolean {
  return isScapfeedError(cause) && /^(TRUST|FEED)_/.test(cause.code);
}

function remove(folder: string, isMeant: (name: string) => boolean): void {
  for (const name of readdirSync(folder).filter(isMeant))
    rmSync(join(folder, name), { recursive: true, force: true });
}
