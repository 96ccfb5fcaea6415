import pLimit from 'p-limit';
import { ScapfeedError } from '../../model/index.ts';
import type { FetchContext } from '../contract.ts';
import type { DocumentKind } from '../document-kind.ts';
import { download } from '../download.ts';
import type { Snapshot } from '../snapshots.ts';
import { archive, type InputDefinition, inputs, releases } from './feed.ts';
import { packagesId } from './packages.ts';

interface Wanted extends InputDefinition {
  id: string;
  kind: DocumentKind;
}

// As many as a browser opens: the indexes are many and small.
const connections = 6;

// Twice the size of the largest archive today leaves room for years.
const maxBytes = 2 ** 31;

/**
 * Brings the store up to date. The OSV archive must come; what else does not come is left out of the build, which
 * says so (finding `input_absent`), unless a snapshot of it is at hand.
 */
export async function fetchUbuntu(context: FetchContext): Promise<Snapshot[]> {
  const known = await context.store.list('ubuntu');
  const limit = pLimit(connections);
  const wanted = [...documents(), ...packageIndexes()];
  const fetched = await Promise.all(wanted.map((one) => limit(() => fetchOne(one, known, context))));
  const snapshots = fetched.filter((snapshot) => snapshot !== undefined);
  await context.store.retain(
    'ubuntu',
    snapshots.map(({ id }) => id),
  );
  return snapshots;
}

function documents(): Wanted[] {
  return Object.entries(inputs).map(([id, input]) => {
    const packed = /\.(?:xz|bz2|gz)$/.test(input.url);
    return { id, ...input, kind: packed ? 'packed' : 'text' };
  });
}

/** What each release ships: needed for binary names, and to tell packages that Ubuntu never shipped. */
function packageIndexes(): Wanted[] {
  return releases.flatMap(({ codename }) =>
    archive.pockets.flatMap((pocket) =>
      archive.components.map(
        (component): Wanted => ({
          id: packagesId(codename, pocket, component),
          url: `${archive.url}/dists/${codename}${pocket}/${component}/binary-${archive.architecture}/Packages.xz`,
          optional: true,
          kind: 'packed',
        }),
      ),
    ),
  );
}

async function fetchOne(
  { id, url, kind, optional }: Wanted,
  known: readonly Snapshot[],
  context: FetchContext,
): Promise<Snapshot | undefined> {
  try {
    return await download(context, { id, source: 'ubuntu', url, kind, maxBytes });
  } catch (error) {
    if (!optional || !(error instanceof ScapfeedError)) throw error;
    if (error.code === 'FETCH_NOT_FOUND') return undefined;
    context.progress(`${id}: ${error.message}`);
    return known.find((snapshot) => snapshot.id === id && snapshot.url === url);
  }
}
