import type { FastifyInstance } from 'fastify';
import { type Severity, severities } from '../../../model/index.ts';
import type { FleetView, ViewedName } from '../../pages/data/fleet-view.ts';
import { type ImageFlaw, imageFlaws, isCounted } from '../../pages/data/image.ts';
import type { RouteContext } from '../context.ts';
import { readPodReview } from './admission-review.ts';
import { answers, boolean, list, object, oneOf, parameters, string } from './schemas.ts';

const hour = 3_600_000;

/** Bytes of a review: as much as Kubernetes keeps of an object, twice. */
const longestReview = 4 << 20;

/** Kubernetes shows 256 characters of a warning at most. */
const longestWarning = 250;
const mostReasons = 10;

interface Demand {
  /** Least severity of a flaw with an installable fix that keeps a pod out. */
  severity: Severity;
  /** Maximum age of the last run, in hours. */
  hours: number;
}

const answer = object({
  ...{ apiVersion: string, kind: string },
  response: object(
    {
      ...{ uid: string, allowed: boolean, warnings: list(string) },
      status: object({ code: { type: 'integer' }, message: string }),
    },
    ['status'],
  ),
});

/** A webhook for Kubernetes: whether the images of a pod were judged lately, and have no flaw with a fix. */
export async function admissionRoutes(app: FastifyInstance, { views, now }: RouteContext): Promise<void> {
  app.post<{ Params: Demand; Body: object }>(
    '/admission/:severity/:hours',
    {
      // It judges and changes nothing. Kubernetes adds a parameter of its own (`timeout`).
      config: { role: 'read', audit: 'read' },
      bodyLimit: longestReview,
      schema: {
        tags: ['admission'],
        summary: 'Answer an AdmissionReview of Kubernetes about a pod',
        params: parameters(
          { severity: oneOf(severities), hours: { type: 'integer', minimum: 1, maximum: 8760 } },
          ['severity', 'hours'],
        ),
        body: { type: 'object' },
        response: answers({ 200: answer }, { 413: `more than ${longestReview >> 20} MB` }),
      },
    },
    async ({ params, body }) => {
      const { uid, images } = readPodReview(body);
      const { reasons, warnings } = await judged(await views.exact(), images, params, now());
      return {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        response: {
          ...{ uid, allowed: reasons.length === 0, warnings },
          ...(reasons.length > 0 && { status: { code: 403, message: `scapfeed: ${listed(reasons)}` } }),
        },
      };
    },
  );
}

async function judged(
  view: FleetView,
  images: readonly string[],
  demand: Demand,
  now: Date,
): Promise<{ reasons: string[]; warnings: string[] }> {
  const last = await view.lastRun();
  if (!last) return { reasons: ['no run of the fleet has ended'], warnings: [] };
  const hours = Math.floor((now.getTime() - last.finished.getTime()) / hour);
  const reasons = hours < demand.hours ? [] : [`the last run of the fleet ended ${hours} hours ago`];
  const warnings: string[] = [];
  for (const image of images) {
    const name = await nameOf(view, image);
    const why = name ? await reasonOf(view, name, demand) : 'the fleet does not have it';
    if (why !== undefined) reasons.push(`${image}: ${why}`);
    else if (name?.state === 'partly')
      warnings.push(`scapfeed: ${image}: not all of it is judged`.slice(0, longestWarning));
  }
  return { reasons, warnings: warnings.slice(0, mostReasons) };
}

/** The name as the pod has it, or as `fleet add --kubernetes` writes it, or any that stands for the digest. */
async function nameOf(view: FleetView, image: string): Promise<ViewedName | undefined> {
  const known = await view.kept('names by reference and digest', async () => {
    // Nobody has seen that an inventory which was sent in is that of the image whose name it has.
    const names = (await view.names()).filter(({ kind }) => kind !== 'import');
    return new Map([
      ...names.flatMap((name) => (name.digest === null ? [] : [[name.digest, name] as const])),
      ...names.map((name) => [name.reference, name] as const),
    ]);
  });
  const [, digest = ''] = image.split('@');
  return known.get(image) ?? known.get(`registry:${image}`) ?? known.get(digest);
}

/** Why an image is not admitted; undefined: it is. */
async function reasonOf(
  view: FleetView,
  { state, image, unread, uncovered }: ViewedName,
  { severity }: Demand,
): Promise<string | undefined> {
  if (unread) return `it could not be read (${unread.code})`;
  if (uncovered || state === 'uncovered')
    return `nothing of it is judged${uncovered ? ` (${uncovered.code})` : ''}`;
  if (state === 'waiting' || image === null) return 'it waits for the next run';
  const [row] = await view.queries.query<{ packages: number[] }>(
    'SELECT packages FROM fleet.images WHERE id = $1',
    [image],
  );
  const least = severities.indexOf(severity);
  const flaws = (await imageFlaws(view, { id: image, packages: row?.packages ?? [] })).filter(
    (flaw) => isCounted(flaw) && flaw.fixable && flaw.rank >= least,
  );
  return flaws.length === 0 ? undefined : flawWords(view, flaws);
}

async function flawWords(view: FleetView, flaws: readonly ImageFlaw[]): Promise<string> {
  const index = await view.verdicts();
  return `a fix can be installed for ${listed(
    flaws.map(
      ({ vulnerability, source, rank }) =>
        `${index.vulnerability(vulnerability)} (${severities[rank]}) in ${index.source(source)}`,
    ),
  )}`;
}

function listed(texts: readonly string[]): string {
  const more = texts.length - mostReasons;
  return `${texts.slice(0, mostReasons).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}
