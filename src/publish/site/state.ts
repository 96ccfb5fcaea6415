import { parseForeignJson } from '../../io/foreign-json.ts';
import { ScapfeedError } from '../../model/error.ts';
import { metadataPath } from '../../published/names.ts';
import type { TargetInfo } from '../tuf/metadata.ts';
import { parseDocument, type TimestampPart } from '../tuf/metadata.ts';
import type { Site } from './layout.ts';

/** One published state of a platform, with what is needed to read its files again. */
export interface PublishedPart {
  /** sha256 of its manifest's text. */
  manifest: string;
  /** Targets of its whole files by name (`debian-12/index/debian-12.jsonl.br`). */
  targets: Record<string, TargetInfo>;
  /** Newest dates of its inputs, by input id, from which the usual interval is computed. */
  inputs: Record<string, string>;
}

/** One publish: its date, and the states of its platforms. */
export interface PublishedFeed {
  date: string;
  parts: Record<string, PublishedPart>;
}

/** `state/N.json`, where N is the snapshot's version: what the next publish needs about the last ones, newest first. */
export interface SiteState {
  format: 1;
  feeds: PublishedFeed[];
  /** Targets of the keys and roots that travel with the feed; absent: there are none. */
  trust?: Record<string, TargetInfo>;
  /** Targets of the exports for other scanners; absent: there are none. */
  exports?: Record<string, TargetInfo>;
  /** The index is published as blocks too. */
  blocks?: true;
}

/**
 * The state that belongs to the current metadata. A publish writes its state before its timestamp, so that an interrupted
 * one leaves the old pair intact.
 */
export function readState(site: Site): SiteState {
  const version = snapshotVersion(site);
  if (version === undefined) return { format: 1, feeds: [] };
  const path = statePath(version);
  const text = site.read(path)?.toString('utf8');
  const state = text === undefined ? undefined : (parseForeignJson(text) as SiteState);
  if (state?.format === 1) return state;
  throw new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: 'expected the state of the last publish, found none of format 1',
    where: path,
    remedy: 'restore the folder from a copy, or publish to a new one',
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
