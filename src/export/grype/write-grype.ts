import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { distroExports } from '../../distros/exports.ts';
import { fileDigest } from '../../io/digest.ts';
import { releasesWith } from '../releases.ts';
import { tarPieces } from '../tar-pieces.ts';
import type { ExportTarget, TargetWork } from '../target.ts';
import { GrypeDatabase } from './database.ts';
import { diskError, forgetVersion } from './open-sqlite.ts';
import { schemaVersion } from './tables.ts';

export const grypeTarget: ExportTarget = { name: 'grype', title: 'Grype', write: writeGrype };

/** `vulnerability.db`, and the archive with `latest.json` that `db.update-url` asks for. */
async function writeGrype({ feed, folder, inexact, progress }: TargetWork): Promise<void> {
  const path = join(folder, 'vulnerability.db');
  const { created } = feed.manifest;
  const database = new GrypeDatabase(path, feed);
  try {
    const releases = releasesWith(feed, inexact, 'Grype', ({ grype }) => grype, true);
    for (const [done, { platform, release, names }] of releases.entries()) {
      progress('writing Grype', { done, total: releases.length, unit: 'platforms' });
      database.addRelease(platform, release, names, inexact);
    }
    database.addLanguages(inexact);
    const own = new Set(feed.manifest.platforms.map(({ os }) => os.id));
    const aliases = distroExports.flatMap(({ ids: [releaseId = ''], grypeAliases = [] }) =>
      // A system with rows of its own is not looked up as another one.
      grypeAliases.filter((alias) => !own.has(alias)).map((alias) => [alias, releaseId] as const),
    );
    database.finish(created, aliases);
  } catch (error) {
    throw diskError(error);
  } finally {
    database.close();
  }
  forgetVersion(path);
  const { model, revision, addition } = schemaVersion;
  const version = `v${model}.${revision}.${addition}`;
  const archive =
    `vulnerability-db_${version}_${created}_${Math.floor(Date.parse(created) / 1000)}.tar.zst`.replaceAll(
      ':',
      '-',
    );
  const zstd = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 9 } });
  await pipeline(tarPieces([path]), zstd, createWriteStream(join(folder, archive)));
  const latest = {
    status: 'active',
    schemaVersion: version,
    built: created,
    path: archive,
    checksum: `sha256:${(await fileDigest(join(folder, archive))).sha256}`,
  };
  writeFileSync(join(folder, 'latest.json'), `${JSON.stringify(latest)}\n`);
}
