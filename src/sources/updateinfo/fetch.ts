import { limitUntilFailure, settled } from '../../io/at-once.ts';
import { readAll } from '../../io/bytes.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { FetchContext } from '../contract.ts';
import { download } from '../download.ts';
import { type MalformedLimits, requireShare } from '../errata/malformed-share.ts';
import { fetchListed } from '../repodata/fetch.ts';
import { type ListedFile, listedFile } from '../repodata/repomd.ts';
import { maxRepomdBytes, repositoryConnections } from '../repodata/repository.ts';
import type { Blob, Snapshot } from '../snapshots.ts';
import {
  channelRepomd,
  channelUpdates,
  type ListChannel,
  type MirroredChannel,
  type UpdateChannel,
  updatesId,
} from './channel.ts';
import { readUpdates } from './read.ts';

/** A list of mirrors has some ten addresses. */
const maxMirrorsBytes = 2 ** 16;

/**
 * Updates the lists of updates of channels: of each repomd.xml and updateinfo, and nothing but the former while that is the same. A
 * channel that the server does not have is left out, or has the last good list, marked; so has a repository without updates that had some.
 * Any other failure is the caller's: without one of its channels a release would look cleaner than it is.
 */
export async function fetchUpdates(
  context: FetchContext,
  channels: readonly UpdateChannel[],
  limits: MalformedLimits,
): Promise<Snapshot[]> {
  const limit = limitUntilFailure(repositoryConnections);
  const fetched = await settled(
    channels.map((channel) => limit(() => fetchIfThere(context, channel, limits))),
  );
  return fetched.flat();
}

async function fetchIfThere(
  context: FetchContext,
  channel: UpdateChannel,
  limits: MalformedLimits,
): Promise<Snapshot[]> {
  try {
    return await fetchChannel(context, channel, limits);
  } catch (error) {
    if (!(error instanceof ScapfeedError) || error.code !== 'FETCH_NOT_FOUND') throw error;
    return keepUpdates(context, channel, error.code);
  }
}

/** The last good files of a channel, marked with the reason why there are no newer ones; empty if there are none. */
export async function keepUpdates(
  { store }: FetchContext,
  channel: UpdateChannel,
  code: string,
  ids: readonly string[] = [channelRepomd(channel, '').id, updatesId(channel)],
): Promise<Snapshot[]> {
  const known = (await store.list(channel.source)).filter(({ id }) => ids.includes(id));
  return settled(known.map((snapshot) => store.keep(snapshot, code)));
}

async function fetchChannel(
  context: FetchContext,
  channel: UpdateChannel,
  limits: MalformedLimits,
): Promise<Snapshot[]> {
  if ('list' in channel) return [await fetchAlone(context, channel, limits)];
  const { store } = context;
  const base = 'url' in channel ? channel.url : await mirrorOf(context, channel);
  const wanted = channelRepomd(channel, base);
  const listed = async (blob: Blob) =>
    listedFile(await store.read(blob, maxRepomdBytes), wanted.url, 'updateinfo');
  const updatesOf = async (blob: Blob) => {
    const file = await listed(blob);
    if (file) return [await fetchList(context, channel, base, file, limits)];
    return keepUpdates(context, channel, 'FETCH_NOT_FOUND', [updatesId(channel)]);
  };
  let updates: Snapshot[] | undefined;
  const verify = async (blob: Blob) => {
    updates = await updatesOf(blob);
  };
  const repomd = await download(context, { ...wanted, verify });
  updates ??= await updatesOf(repomd);
  return [repomd, ...updates];
}

async function mirrorOf({ http }: FetchContext, channel: MirroredChannel): Promise<string> {
  const { mirrors: where } = channel;
  const answer = await http.get(where, { maxBytes: maxMirrorsBytes });
  if (answer.notModified)
    throw new ScapfeedError({ code: 'INTERNAL', message: 'unexpected status 304', where });
  const text = await readAll(answer.body, { maxBytes: maxMirrorsBytes, where, code: 'SOURCE_TOO_LARGE' });
  return mirrorIn(text.toString('utf8'), channel);
}

/** The list that repomd.xml names; a new one is used only if all but a few of its updates can be read. */
function fetchList(
  context: FetchContext,
  channel: UpdateChannel,
  base: string,
  listed: ListedFile,
  limits: MalformedLimits,
): Promise<Snapshot> {
  const wanted = channelUpdates(channel, base, listed.href);
  return fetchListed(context, wanted, listed, (blob) => requireReadable(context, blob, wanted.url, limits));
}

/** A list for which only the server vouches. */
function fetchAlone(context: FetchContext, channel: ListChannel, limits: MalformedLimits): Promise<Snapshot> {
  const { list } = channel;
  const slash = list.lastIndexOf('/');
  const wanted = channelUpdates(channel, list.slice(0, slash), list.slice(slash + 1));
  return download(context, { ...wanted, verify: (blob) => requireReadable(context, blob, list, limits) });
}

async function requireReadable(
  { store }: FetchContext,
  blob: Blob,
  where: string,
  limits: MalformedLimits,
): Promise<void> {
  let faults = 0;
  const updates = await readUpdates(store.open(blob), where, (read) => {
    if ('fault' in read) faults += 1;
  });
  requireShare(faults, updates, limits, where);
}

/** Characters of an address; what is longer is none. */
const maxAddress = 300;

/**
 * The base address of a channel by its list of mirrors: the first on a host that is known, read as the list was (a list over
 * TLS leads to no mirror without).
 * @throws SOURCE_MALFORMED if there is none
 */
export function mirrorIn(
  text: string,
  { mirrors, hosts }: Pick<MirroredChannel, 'mirrors' | 'hosts'>,
): string {
  const list = new URL(mirrors);
  for (const line of text.split('\n')) {
    if (line.length > maxAddress) continue;
    const base = /^https?:\/\/([^/?#@\s]+)(\/[\w.+~/-]*?)\/*\s*$/.exec(line);
    const [, host = '', path = ''] = base ?? [];
    const isKnown = host === list.host || hosts.includes(host);
    if (isKnown && !path.split('/').includes('..')) return `${list.protocol}//${host}${path}`;
  }
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected a mirror on ${[list.host, ...hosts].join(' or ')}, found ${JSON.stringify(text.slice(0, 80))}`,
    where: mirrors,
    remedy: 'fetch it again; if the vendor has moved its mirrors, a newer scapfeed is needed',
  });
}
