import type { FeedInput, FeedSource } from '../model/index.ts';
import type { AssessmentReading } from './read-assessments.ts';
import type { SourceReading } from './read-sources.ts';

type Reading = SourceReading | AssessmentReading;

/** The manifest's entries of the inputs that a source was read from. */
export function inputAccount({ input, collector: { notes } }: Reading): FeedInput[] {
  return input.snapshots.map(({ id, source, url, sha256, size, unsigned, refused }) => {
    const date = notes.dateOf(id);
    const version = notes.versionOf(id);
    return {
      id,
      source,
      url,
      sha256,
      size,
      ...(date === undefined ? {} : { date }),
      ...(version === undefined ? {} : { version }),
      ...(unsigned ? { unsigned } : {}),
      ...(refused ? { refused } : {}),
    };
  });
}

/** The manifest's entry of a source, with an account of all its records. */
export function sourceAccount({ input: { source, failed }, collector: { ledger } }: Reading): FeedSource {
  const { id, name, licence, attribution, terms, usualDays } = source;
  return {
    id,
    name,
    licence,
    attribution,
    ...(terms === undefined ? {} : { terms }),
    ...(usualDays === undefined ? {} : { usualDays }),
    records: ledger.records,
    used: ledger.used,
    dropped: ledger.dropped,
    ...(failed === undefined ? {} : { failed: failed.code }),
    findings: ledger.findings(),
  };
}
