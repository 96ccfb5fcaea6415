import { ScapfeedError } from '../../model/index.ts';
import type { TargetInfo } from '../tuf/metadata.ts';
import { parseDocument, type TimestampPart } from '../tuf/metadata.ts';
import { metadataPath, type Site } from './layout.ts';

/** One platform as it was published once: enough to read its files again. */
export interface PublishedPart {
  /** sha256 of its manifest's text. */
  manifest: string;
  /** Targets of its whole files by name (`debian-12/index/debian-12.jsonl.br`). */
  targets: Record<string, TargetInfo>;
  /** Newest dates of its inputs, by input id: what the usual rhythm is known from. */
  inputs: Record<string, string>;
}

/** One publish: its date, and the platforms as they stood then. */
export interface PublishedFeed {
  date: string;
  parts: Record<string, PublishedPart>;
}

/** `state/N.json`, N being the snapshot's version: what the next publish must know of the last ones, newest first. */
export interface SiteState {
  format: 1;
  feeds: PublishedFeed[];
}

/**
 * The state that goes with the metadata in force. A publish writes its state before its timestamp, so that one that was
 * killed between leaves the old pair whole.
 */
export function readState(site: Site): SiteState {
  const version = snapshotVersion(site);
  if (version === undefined) return { format: 1, feeds: [] };
  const path = statePath(version);
  const text = site.read(path)?.toString('utf8');
  const state = text === undefined ? undefined : (JSON.parse(text) as SiteState);
  if (state?.format === 1) return state;
  throw new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: 'expected the state of the last publish, found none of format 1',
    where: path,
    remedy: 'bring the folder back from a copy, or publish to a new one',
  });
}

export function statePath(version: number): string {
  return `state/${version}.json`;
}

/** Version of the snapshot in force; undefined before the first publish. */
export function snapshotVersion(site: Site): number | undefined {
  const text = site.read(metadataPath('timestamp'))?.toString('utf8');
  if (text === undefined) return undefined;
  return parseDocument<TimestampPart>(text, 'metadata/timestamp.json').signed.meta['snapshot.json'].version;
}
