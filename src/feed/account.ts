import type { FeedInput, FeedSource } from '../model/index.ts';
import type { SourceReading } from './read-sources.ts';

/** The manifest's entries of the inputs that a source was read from. */
export function inputAccount({ input, collector }: SourceReading): FeedInput[] {
  return input.snapshots.map(({ id, source, url, sha256, size, unsigned, refused }) => {
    const date = collector.dateOf(id);
    return {
      id,
      source,
      url,
      sha256,
      size,
      ...(date === undefined ? {} : { date }),
      ...(unsigned ? { unsigned } : {}),
      ...(refused ? { refused } : {}),
    };
  });
}

/** The manifest's entry of a source, with an account of all its records. */
export function sourceAccount({
  input: { source, failed },
  collector: { ledger },
}: SourceReading): FeedSource {
  const { id, name, licence, attribution } = source;
  return {
    id,
    name,
    licence,
    attribution,
    records: ledger.records,
    used: ledger.used,
    dropped: ledger.dropped,
    ...(failed === undefined ? {} : { failed: failed.code }),
    findings: ledger.findings(),
  };
}
