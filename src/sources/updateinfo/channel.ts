import type { Download } from '../download.ts';
import { maxRepomdBytes } from '../repodata/repository.ts';

/** An rpm repository with a list of updates: a release's, or one of those that systems may have besides. */
export type UpdateChannel = MirroredChannel | PlainChannel | ListChannel;

interface CommonChannel {
  source: string;
  /** The part of its snapshots' ids that is its own: `2-core`, `2-extras-docker`. */
  name: string;
}

export interface MirroredChannel extends CommonChannel {
  /** Address of its list of mirrors. */
  mirrors: string;
  /** Hosts that a mirror may have, besides that of the list. */
  hosts: readonly string[];
}

/** A channel at one address. */
export interface PlainChannel extends CommonChannel {
  /** Of the folder that has `repodata`. */
  url: string;
}

/** A list without a repository. */
export interface ListChannel extends CommonChannel {
  /** Address of the list itself. */
  list: string;
}

/** Packed; the largest have some 2 MB. */
const maxUpdateInfoBytes = 2 ** 27;

/** The file that lists the channel's metadata with their digests. It is known by the channel, whichever mirror it is read from. */
export function channelRepomd(channel: UpdateChannel, base: string): Download {
  const { source, name } = channel;
  return {
    source,
    id: `${source}-updates-repomd-${name}`,
    url: `${folderOf(channel)}/repodata/repomd.xml`,
    at: `${base}/repodata/repomd.xml`,
    kind: 'xml',
    maxBytes: maxRepomdBytes,
  };
}

/** The list of updates; `href` is its path below the repository, as repomd.xml has it. */
export function channelUpdates(channel: UpdateChannel, base: string, href: string): Download {
  return {
    source: channel.source,
    id: updatesId(channel),
    url: `${folderOf(channel)}/${href}`,
    at: `${base}/${href}`,
    kind: /\.xml$/i.test(href) ? 'xml' : 'packed',
    maxBytes: maxUpdateInfoBytes,
  };
}

export function updatesId({ source, name }: Pick<UpdateChannel, 'source' | 'name'>): string {
  return `${source}-updateinfo-${name}`;
}

function folderOf(channel: UpdateChannel): string {
  if ('url' in channel) return channel.url;
  const address = 'list' in channel ? channel.list : channel.mirrors;
  return address.slice(0, address.lastIndexOf('/'));
}
