import { ecosystemIds, type OsRelease } from '../../model/inventory/index.ts';
import { endOfLifeGap } from '../../model/verdict/index.ts';
import { platformName } from '../../runtime/index.ts';
import type { Queries } from '../store/database.ts';
import type { FleetEvent, OtherCause } from './events.ts';
import { EventBook } from './feed-events.ts';
import { imagesOfPackages, watchedImages } from './watched.ts';

/** Images that cannot be judged any more, or could not be read: never clean, and news when it begins. */
export async function coverageEvents(
  queries: Queries,
  last: number,
  cause: OtherCause,
): Promise<FleetEvent[]> {
  return [
    ...(await lostSystems(queries, last, cause)),
    ...(await endedSystems(queries, last)),
    ...(await lostPackages(queries, last, cause)),
    ...(await unreadNames(queries, last)),
  ];
}

/** New images are included, because no other event would show that they are not judged. */
async function lostSystems(queries: Queries, last: number, cause: OtherCause): Promise<FleetEvent[]> {
  const rows = await queries.query<LostSystem>(
    `SELECT systems.facts->'os' AS os, message, EXISTS (SELECT FROM fleet.coverage AS was WHERE was.system = systems.id
         AND was.from_run <= $1) AS known,
       ARRAY(SELECT id FROM fleet.images WHERE images.system = systems.id AND id IN (${watchedImages})) AS images
     FROM fleet.coverage JOIN fleet.systems ON systems.id = coverage.system
     WHERE coverage.code IS NOT NULL AND to_run IS NULL AND from_run > $1 AND NOT EXISTS (SELECT FROM fleet.coverage AS was
       WHERE was.system = systems.id AND was.to_run = coverage.from_run AND was.code = coverage.code) ORDER BY systems.name COLLATE "C", systems.id`,
    [last],
  );
  const events = new EventBook();
  for (const { os, message, known, images } of rows) {
    if (images.length === 0) continue;
    const platform = os ? platformName(os) : 'unknown';
    events.add({ kind: 'uncovered', cause: known ? cause : 'image', platform, detail: message, images });
  }
  return events.events();
}

interface LostSystem {
  os: OsRelease | null;
  message: string;
  known: boolean;
  images: number[];
}

/** Releases that are past their end of life since then: their vendor makes no statements about new flaws. */
async function endedSystems(queries: Queries, last: number): Promise<FleetEvent[]> {
  const rows = await queries.query<{ platform: string; known: boolean; images: number[] }>(
    `SELECT coverage.platform, EXISTS (SELECT FROM fleet.coverage AS was WHERE was.system = systems.id AND was.from_run <= $1) AS known,
       ARRAY(SELECT id FROM fleet.images WHERE images.system = systems.id AND id IN (${watchedImages})) AS images
     FROM fleet.coverage JOIN fleet.systems ON systems.id = coverage.system
     WHERE ended_run > $1 AND to_run IS NULL ORDER BY coverage.platform COLLATE "C", systems.id`,
    [last],
  );
  const events = new EventBook();
  for (const { platform, known, images } of rows) {
    if (images.length === 0) continue;
    const detail = `end of life: ${endOfLifeGap.detail}`;
    events.add({ kind: 'uncovered', cause: known ? 'feed' : 'image', platform, detail, images });
  }
  return events.events();
}

async function lostPackages(queries: Queries, last: number, cause: OtherCause): Promise<FleetEvent[]> {
  const rows = await queries.query<{
    package: number;
    source: string;
    reason: string;
    detail: string | null;
  }>(
    `SELECT package, source, reason, detail FROM fleet.uncovered JOIN fleet.packages ON packages.id = package
     WHERE first_run <= $1 AND from_run > $1 AND to_run IS NULL AND NOT EXISTS (SELECT FROM fleet.uncovered AS was
       WHERE was.package = uncovered.package AND was.from_run <= $1 AND was.to_run > $1)
       AND (type = ANY($2::text[]) OR NOT EXISTS (SELECT FROM fleet.coverage
         WHERE coverage.system = packages.system AND coverage.to_run IS NULL AND code IS NOT NULL))`,
    [last, ecosystemIds],
  );
  const images = await imagesOfPackages(
    queries,
    rows.map(({ package: number }) => number),
  );
  const events = new EventBook();
  for (const { package: number, source, reason, detail } of rows) {
    const seen = images.get(number) ?? [];
    const words = detail === null ? reason : `${reason}: ${detail}`;
    if (seen.length > 0)
      events.add({ kind: 'uncovered', cause, package: source, detail: words, images: seen });
  }
  return events.events();
}

async function unreadNames(queries: Queries, last: number): Promise<FleetEvent[]> {
  const rows = await queries.query<{ name: number; code: string; message: string; image: number | null }>(
    `SELECT unread.name, code, message, image FROM fleet.unread JOIN fleet.names ON names.id = unread.name
     LEFT JOIN fleet.name_images ON name_images.name = unread.name AND until IS NULL
     WHERE unread.to_run IS NULL AND unread.from_run > $1 AND removed IS NULL AND NOT EXISTS (SELECT FROM fleet.unread AS was
       WHERE was.name = unread.name AND was.from_run <= $1 AND was.to_run > $1) ORDER BY reference COLLATE "C"`,
    [last],
  );
  return rows.map(({ name, code, message, image }) => ({
    kind: 'unread',
    cause: 'image',
    detail: `${code}: ${message}`,
    name,
    images: image === null ? [] : [image],
  }));
}
