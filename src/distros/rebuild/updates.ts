import type { FetchContext } from '../../sources/contract.ts';
import type { Snapshot } from '../../sources/snapshots.ts';
import type { ListChannel, PlainChannel } from '../../sources/updateinfo/channel.ts';
import { fetchUpdates, keepUpdates } from '../../sources/updateinfo/fetch.ts';
import { fetchReleases, noUpdates } from '../../sources/updateinfo/fetch-releases.ts';
import { platformId, type RebuildData, type UpdatedRelease, type UpdatesDefinition } from './definition.ts';

/** The repositories with a release's updates, one for each architecture, or its lists. */
export function channelsOf(
  { updates }: UpdatedRelease,
  { rebuild, definition }: RebuildData<UpdatesDefinition>,
): (ListChannel | PlainChannel)[] {
  return updates.map((path) => {
    const address = `${definition.updates}/${path}`;
    return {
      source: rebuild.id,
      name: path.replaceAll('/', '-'),
      ...(rebuild.updates?.alone ? { list: address } : { url: address }),
    };
  });
}

/** Updates the lists of every release. */
export function fetchUpdateLists(
  context: FetchContext,
  data: RebuildData<UpdatesDefinition>,
): Promise<Snapshot[]> {
  const { rebuild, definition } = data;
  return fetchReleases(
    context,
    definition.releases.map((release) => {
      const id = platformId(rebuild, release);
      const channels = channelsOf(release, data);
      return {
        id,
        fetch: async () => {
          const lists = await fetchUpdates(context, channels, definition);
          if (lists.length === 0) throw noUpdates(id, definition.updates, rebuild.id);
          return lists;
        },
        keep: async (code) => {
          const kept: Snapshot[] = [];
          for (const channel of channels) kept.push(...(await keepUpdates(context, channel, code)));
          return kept;
        },
      };
    }),
  );
}
