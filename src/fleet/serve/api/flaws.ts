import type { FastifyInstance } from 'fastify';
import { severities } from '../../../model/feed/index.ts';
import type { Waiver } from '../../../model/fleet/index.ts';
import { grouped } from '../../../model/order.ts';
import { flawKey } from '../../../model/verdict/index.ts';
import { isRecordId, meantId } from '../../meant-id.ts';
import { isOpenFlaw } from '../../news/flaws.ts';
import { filterParameters, queryTest } from '../../pages/filters.ts';
import { type FlawList, flawLists, groupFilters, verdictFilters } from '../../pages/tables/open-flaws.ts';
import { refusal } from '../../refusal.ts';
import {
  answers,
  boolean,
  integer,
  list,
  listSchema,
  object,
  orNull,
  parameters,
  severity,
  string,
} from '../../schemas.ts';
import { storable } from '../../store/json.ts';
import { flawsOfRecord } from '../../store/record-flaws.ts';
import type { FleetView } from '../../view/fleet-view.ts';
import { type OpenGroup, openBy } from '../../view/open-by.ts';
import { compareTexts } from '../../view/texts.ts';
import { type VerdictIndex, verdictsAt } from '../../view/verdict-index.ts';
import { type HeldFlaw, WaivedFlaws } from '../../view/waived.ts';
import { packagesByImage, waivedShares } from '../../view/waived-shares.ts';
import type { RouteContext } from '../context.ts';
import { seenBy } from '../seen-by.ts';
import { type ListPage, pageOf, readCursor } from './cursor.ts';

type By = FlawList['by'];

interface Search extends Readonly<Record<string, unknown>> {
  limit: number;
  cursor?: string;
}

/** Vulnerabilities, and source packages, that watched images have open flaws of. */
async function search(view: FleetView, { by, others }: FlawList, query: Search): Promise<ListPage<object>> {
  const { limit, cursor } = query;
  const after = readCursor(cursor, ['string'])?.[0];
  const isNamed = queryTest(groupFilters, query);
  const isWanted = queryTest(verdictFilters, query);
  const chosen: OpenGroup[] = [];
  const groups = await openBy(view, by);
  for (const { id, verdicts } of groups.of(
    (id) => (after === undefined || id > String(after)) && isNamed(id),
  )) {
    const own = verdicts.filter(isWanted);
    if (own.length > 0) chosen.push({ id, verdicts: own });
    if (chosen.length > limit) break;
  }
  const index = await view.verdicts();
  const waived = await waivedShares(
    view,
    chosen.map((group) => flawsIn(group, by, index)),
  );
  const nameOf = (other: number) => (by === 'source' ? index.vulnerability(other) : index.source(other));
  const items = chosen.map(({ id, verdicts }, at) => ({
    id,
    severity: severities[Math.max(...verdicts.map((verdict) => verdict.rank))]!,
    exploited: verdicts.some((verdict) => verdict.exploited),
    [others]: [...new Set(verdicts.map(({ other }) => nameOf(other)))].sort(compareTexts),
    fixable: verdicts.filter(({ fixable }) => fixable).length,
    installed: verdicts.length,
    waived: waived[at]!,
  }));
  return pageOf(items, limit, ({ id }) => [id]);
}

/** The flaws of a group, each by the packages that have it. */
function flawsIn({ id, verdicts }: OpenGroup, by: By, index: VerdictIndex): HeldFlaw[] {
  return [...grouped(verdicts, ({ other }) => other)].map(([other, own]) => ({
    vulnerability: by === 'source' ? index.vulnerability(other) : id,
    source: by === 'source' ? id : index.source(other),
    packages: [...new Set(own.map((verdict) => verdict.package))],
  }));
}

async function packagesFrom({ queries }: FleetView, source: string): Promise<number[]> {
  const rows = await queries.query<{ id: number }>('SELECT id FROM fleet.packages WHERE source = $1', [
    storable(source),
  ]);
  return rows.map(({ id }) => id);
}

interface FoundRow {
  vulnerability: string;
  package: string;
  status: string;
  hidden: string | null;
  number: number;
}

/** Where it is: every installed build with what is decided about it, the images that have it, and where it is waived. */
async function whereIs(view: FleetView, by: By, id: string, all: boolean): Promise<object[]> {
  const holders = await view.holders();
  const { run } = await view.verdicts();
  const packages = by === 'source' ? await packagesFrom(view, id) : [];
  const rows = await view.queries.query<FoundRow>(
    `SELECT verdicts.package AS number, vulnerability, packages.source AS package, name, version, arch, verdicts.platform, status,
       fix_state AS "fixState", fixed_version AS "fixedVersion", severity, exploited, hidden, channel, advisories, marks
     FROM ${verdictsAt('$3')} JOIN fleet.packages ON packages.id = verdicts.package
     WHERE ${by === 'source' ? 'verdicts.package = ANY($1::integer[])' : 'vulnerability = $1'} AND ($2 OR (status = 'affected' AND hidden IS NULL))
     ORDER BY packages.source COLLATE "C", vulnerability COLLATE "C", verdicts.platform COLLATE "C", name COLLATE "C",
       version COLLATE "C", arch COLLATE "C", verdicts.id`,
    [by === 'source' ? packages : storable(id), all, run],
  );
  const held = rows.filter(({ number }) => holders.isHeld(number));
  const flaws = new Map(
    [...grouped(held.filter(isOpenFlaw), flawOf)].map(([key, own]) => [
      key,
      {
        vulnerability: own[0]!.vulnerability,
        source: own[0]!.package,
        packages: [...new Set(own.map(({ number }) => number))],
      },
    ]),
  );
  const waived = await WaivedFlaws.of(view, [...flaws.values()]);
  const waiversIn = new Map(
    [...flaws]
      .filter(([, flaw]) => waived.isNamed(flaw))
      .map(([key, flaw]) => [
        key,
        new Map(
          [...packagesByImage(holders, flaw.packages)].map(([image, packages]) => [
            image,
            waived.in({ ...flaw, packages }, image),
          ]),
        ),
      ]),
  );
  const names = await view.names();
  const places = await view.placesOfImages();
  const referencesOf = (images: Iterable<number>) =>
    [...images]
      .flatMap((image) => places.get(image) ?? [])
      .sort((a, b) => a - b)
      .map((place) => names[place]!.reference);
  return held.map((row) => {
    const { number, ...shown } = row;
    const images = holders.having(number);
    const own = isOpenFlaw(row) ? waiversIn.get(flawOf(row)) : undefined;
    return {
      ...shown,
      images: referencesOf(images),
      waived: own ? waivedIn(images, own, referencesOf) : [],
    };
  });
}

function flawOf({ vulnerability, package: source }: Pick<FoundRow, 'vulnerability' | 'package'>): string {
  return flawKey({ vulnerability, source });
}

/** Each waiver with the images in which it puts something aside. */
function waivedIn(
  images: Iterable<number>,
  own: ReadonlyMap<number, readonly Waiver[]>,
  referencesOf: (images: Iterable<number>) => string[],
): object[] {
  const pairs = [...images].flatMap((image) => (own.get(image) ?? []).map((waiver) => ({ waiver, image })));
  return [...grouped(pairs, ({ waiver }) => waiver)].map(([{ id, reason, until }, group]) => ({
    ...{ waiver: id, reason, until },
    images: referencesOf(group.map(({ image }) => image)),
  }));
}

const found = object({
  ...{
    vulnerability: string,
    package: string,
    name: string,
    version: string,
    arch: string,
    platform: string,
  },
  ...{ status: string, fixState: orNull(string), fixedVersion: orNull(string), severity, exploited: boolean },
  ...{ hidden: orNull(string), channel: orNull(string), advisories: list(string), marks: list(string) },
  images: list(string),
  waived: {
    ...list(object({ waiver: integer, reason: string, until: orNull(string), images: list(string) })),
    description: 'who accepted it, in which of the images; it counts in the others',
  },
});

const all = parameters({
  all: {
    ...{ type: 'boolean', default: false },
    description: 'also where the vendor says that it is not affected, fixed or hidden',
  },
});

interface Whereabouts {
  Params: { id: string };
  Querystring: { all: boolean };
}

export async function flawRoutes(app: FastifyInstance, { views }: RouteContext): Promise<void> {
  const read = { config: { role: 'read', takesTeam: true } } as const;
  const params = parameters({ id: { type: 'string', maxLength: 500 } }, ['id']);
  for (const flawList of flawLists) {
    const { name, by, summary, one, members } = flawList;
    app.get<{ Querystring: Search }>(
      `/${name}`,
      {
        ...read,
        schema: listSchema(name, summary, object(members), {
          ...filterParameters(groupFilters),
          ...filterParameters(verdictFilters),
        }),
      },
      async ({ query, caller }) => search(seenBy(await views.exact(), caller), flawList, query),
    );
    app.get<Whereabouts>(
      `/${name}/:id`,
      {
        ...read,
        schema: {
          ...{ tags: [name], summary: one, params, querystring: all },
          response: answers(
            { 200: object({ id: string, found: list(found) }) },
            { 404: 'no watched image has it' },
          ),
        },
      },
      async ({ params, query, caller }) => {
        const id = by === 'source' ? params.id : meantId(params.id);
        const view = seenBy(await views.exact(), caller);
        const rows = await whereIs(view, by, id, query.all);
        if (rows.length > 0) return { id, found: rows };
        const recorded =
          by === 'vulnerability' && isRecordId(id) ? await flawsOfRecord(view.queries, id) : [];
        for (const flaw of recorded) rows.push(...(await whereIs(view, by, flaw, query.all)));
        if (rows.length > 0) return { id, found: rows };
        throw refusal(
          'NOT_FOUND',
          `no watched image that was judged has ${id}`,
          'ask with all=true for those that are not affected',
        );
      },
    );
  }
}
