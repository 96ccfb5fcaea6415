import {
  type Advisory,
  Ledger,
  type Platform,
  type Statement,
  type Vulnerability,
} from '../../src/model/feed/index.ts';
import type { PlatformData, SourceSink } from '../../src/sources/contract.ts';

/** A sink that keeps all it is given. */
export interface CollectingSink extends SourceSink {
  statements: Statement[];
  platforms: { platform: Platform; data: PlatformData }[];
  vulnerabilities: Vulnerability[];
  advisories: Advisory[];
}

export function collectingSink(source: string): CollectingSink {
  const sink: CollectingSink = {
    ledger: new Ledger(source),
    statements: [],
    platforms: [],
    vulnerabilities: [],
    advisories: [],
    platform: (platform, data) => void sink.platforms.push({ platform, data }),
    statement: (statement) => void sink.statements.push(statement),
    vulnerability: (vulnerability) => void sink.vulnerabilities.push(vulnerability),
    advisory: (advisory) => void sink.advisories.push(advisory),
    dated: () => undefined,
  };
  return sink;
}

/** The same, with a statement for each vulnerability of a claim. */
export function flawSink(source: string): CollectingSink {
  const sink = collectingSink(source);
  return {
    ...sink,
    statement: (statement, others = []) => {
      for (const vulnerability of [statement.vulnerability, ...others])
        sink.statements.push({ ...statement, vulnerability });
    },
  };
}

/** Bytes as a body that arrives in several pieces. */
export async function* bodyOf(content: string | Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(content);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Number of a ledger's findings, by reason: `reason` or, where records were dropped, `-reason`. */
export function findingCounts(ledger: Ledger): Record<string, number> {
  const findings = ledger
    .findings()
    .map(({ reason, dropped, count }) => [dropped ? `-${reason}` : reason, count]);
  return Object.fromEntries(findings) as Record<string, number>;
}
