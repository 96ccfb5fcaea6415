import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { removeEmpty } from '../../io/staging.ts';
import { forgetUnfinished, noteUnfinished } from '../../io/unfinished.ts';
import { metadataPath } from '../../published/names.ts';
import { plainFolder } from '../exports/site-exports.ts';
import type { Site } from './layout.ts';

/** A place to publish to. */
export interface FirstPublication {
  /** Through it everything is written. */
  site: Site;
  /** The timestamp is there: it is published. */
  keep(): void;
  /** The publication failed: unless `keep` was called, what was written is removed, because nothing signed names it. */
  undo(): void;
}

/** Where something is published already, nothing is removed: the next publication prunes what none names. */
export function firstPublication(site: Site): FirstPublication {
  if (site.has(metadataPath('timestamp'))) return { site, keep() {}, undo() {} };
  const written = new Set<string>();
  const hadExports = site.has(plainFolder);
  const remove = () => {
    if (!hadExports) rmSync(join(site.directory, plainFolder), { recursive: true, force: true });
    for (const path of written) removeWritten(site.directory, path);
  };
  const noted = noteUnfinished(`${site.directory}/*`, remove);
  let isKept = false;
  return {
    site: {
      ...site,
      async write(path, content) {
        if (!site.has(path)) written.add(path);
        await site.write(path, content);
      },
    },
    keep() {
      isKept = true;
      forgetUnfinished(noted);
    },
    undo() {
      if (!isKept) remove();
      forgetUnfinished(noted);
    },
  };
}

function removeWritten(directory: string, path: string): void {
  const file = join(directory, path);
  rmSync(file, { force: true });
  removeEmpty(dirname(file), join(directory, path.split('/')[0]!));
}
