import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { distroExports } from '../../distros/exports.ts';
import type { Feed } from '../../feed/read/feed.ts';
import { type Severity, worseSeverity } from '../../model/feed/index.ts';
import { isOfEcosystem } from '../../model/inventory/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import { writeBolt } from '../bolt/bolt-file.ts';
import type { Bucket } from '../bolt/bucket.ts';
import type { TrivyBucket, VulnerabilityBook } from '../rows/trivy-layout.ts';
import { SpillFile } from '../spill-file.ts';
import { tarPieces } from '../tar-pieces.ts';
import type { ExportTarget, TargetWork } from '../target.ts';
import { languageBuckets } from './language-buckets.ts';
import { vulnerabilityRecord } from './vulnerability-record.ts';

/** Version of Trivy's database layout, which is the tag of its artifacts too. */
const trivySchema = 2;

export const trivyTarget: ExportTarget = { name: 'trivy', title: 'Trivy', write: writeTrivy };

/** `trivy.db`, `metadata.json`, and both in `db.tar.gz`, which is what registries serve. */
async function writeTrivy(work: TargetWork): Promise<void> {
  const { feed, folder } = work;
  const database = join(folder, 'trivy.db');
  const metadata = join(folder, 'metadata.json');
  writeDatabase(database, work);
  writeFileSync(metadata, metadataText(feed.manifest.created));
  await writeTarGz(join(folder, 'db.tar.gz'), [database, metadata]);
}

function writeDatabase(path: string, work: TargetWork): void {
  const spills: SpillFile[] = [];
  const vulnerabilities = new Vulnerabilities();
  const spill = () => {
    const file = new SpillFile(`${path}.spill-${spills.length}`);
    spills.push(file);
    return file;
  };
  try {
    const buckets = platformBuckets(work, vulnerabilities, spill);
    writeBolt(path, (root) => {
      const tops = buckets.map(({ name, content }, done) => {
        work.progress('writing Trivy', { done, total: buckets.length, unit: 'buckets' });
        return [name, root.build((bucket) => fill(bucket, content()))] as const;
      });
      const all = [
        ...tops,
        ['data-source', root.build((bucket) => fillSources(bucket, buckets))] as const,
        // The platforms' buckets have named them by now.
        [
          'vulnerability',
          root.build((bucket) => fillVulnerabilities(bucket, vulnerabilities, work.feed)),
        ] as const,
      ];
      for (const [name, built] of all.sort(([a], [b]) => compareCodeUnits(a, b))) root.place(name, built);
    });
  } finally {
    for (const file of spills) file.remove();
  }
}

function platformBuckets(
  { feed, inexact }: TargetWork,
  vulnerabilities: Vulnerabilities,
  spill: () => SpillFile,
): TrivyBucket[] {
  const { platforms } = feed.manifest;
  const buckets = distroExports.flatMap((distro) => {
    const own = platforms.filter(({ os }) => distro.ids.includes(os.id));
    return distro.trivy.buckets(own, { feed, inexact, vulnerabilities, spill });
  });
  for (const { id, os } of platforms) {
    if (!isOfEcosystem({ type: id }) && !distroExports.some((distro) => distro.ids.includes(os.id)))
      inexact.without(id, `scapfeed does not write ${os.id} for Trivy`);
  }
  const languages = languageBuckets({ feed, inexact, vulnerabilities, spill });
  return [...buckets, ...languages].sort((a, b) => compareCodeUnits(a.name, b.name));
}

function fill(bucket: Bucket, content: ReturnType<TrivyBucket['content']>): void {
  for (const { name, pairs } of content) {
    bucket.bucket(name, (child) => {
      for (const [key, value] of pairs) child.put(key, value);
    });
  }
}

function fillSources(bucket: Bucket, buckets: readonly TrivyBucket[]): void {
  for (const { name, source } of buckets) if (source) bucket.put(name, JSON.stringify(source));
}

function fillVulnerabilities(bucket: Bucket, vulnerabilities: Vulnerabilities, feed: Feed): void {
  for (const id of vulnerabilities.ids()) {
    const record = vulnerabilityRecord(
      feed.vulnerability(id),
      vulnerabilities.words(id),
      feed.assessment(id),
    );
    bucket.put(id, JSON.stringify(record));
  }
}

const day = 86_400_000;

/** Dates are those of the feed's data, never of a clock. Trivy asks for a newer database after NextUpdate. */
function metadataText(created: string): string {
  const next = new Date(Date.parse(created) + day).toISOString().replace('.000Z', 'Z');
  const metadata = { Version: trivySchema, NextUpdate: next, UpdatedAt: created, DownloadedAt: created };
  return `${JSON.stringify(metadata)}\n`;
}

/** The ids that buckets name, with each vendor's severity: of several the highest, as one stands for all packages. */
class Vulnerabilities implements VulnerabilityBook {
  readonly #words = new Map<string, Map<string, Severity>>();

  add(id: string, vendor: string, severity: Severity): void {
    let own = this.#words.get(id);
    if (!own) {
      own = new Map();
      this.#words.set(id, own);
    }
    const known = own.get(vendor) ?? 'unknown';
    own.set(vendor, worseSeverity(severity, known));
  }

  /** Ids in code-unit order. */
  ids(): string[] {
    return [...this.#words.keys()].sort(compareCodeUnits);
  }

  /** The severity that each vendor with a row gives, `unknown` included. */
  words(id: string): ReadonlyMap<string, Severity> {
    return this.#words.get(id) ?? new Map();
  }
}

/** Writes files into a tar.gz. */
async function writeTarGz(path: string, files: readonly string[]): Promise<void> {
  await pipeline(tarPieces(files), createGzip({ level: 6 }), createWriteStream(path));
}
