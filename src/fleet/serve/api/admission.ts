import type { FastifyInstance } from 'fastify';
import { type Severity, severities } from '../../../model/feed/index.ts';
import { refusal } from '../../refusal.ts';
import { answers, boolean, list, object, oneOf, parameters, string } from '../../schemas.ts';
import type { FleetView, ViewedName } from '../../view/fleet-view.ts';
import { type ImageFlaw, imageFlaws, isCounted, rankOf } from '../../view/image.ts';
import type { RouteContext } from '../context.ts';

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
  const known = await knownNames(view);
  for (const image of images) {
    const name = nameOf(known, image);
    const shown = shownName(image);
    const { refused, warning } = name
      ? await judgedName(view, name, demand)
      : { refused: 'the fleet does not have it' };
    if (refused !== undefined) reasons.push(`${shown}: ${refused}`);
    else if (warning !== undefined) warnings.push(`scapfeed: ${shown}: ${warning}`.slice(0, longestWarning));
  }
  return { reasons, warnings: warnings.slice(0, mostReasons) };
}

/** No registry has a longer name. */
const longestName = 500;

/** Kubernetes takes any text as the name of an image, and shows the answer in terminals. */
function shownName(image: string): string {
  const text = image.length > longestName ? `${image.slice(0, longestName)}...` : image;
  return text.replace(/[^\x20-\x7e]/g, '?');
}

interface KnownNames {
  byReference: ReadonlyMap<string, ViewedName>;
  byDigest: ReadonlyMap<string, ViewedName>;
}

/** Names of what a machine has, not a registry: to a pod, `docker:24` is an image of Docker Hub. */
const ofMachine = /^(?:container|dir|docker|docker-archive|oci|oci-archive|podman|sbom|tar):/;

function knownNames(view: FleetView): Promise<KnownNames> {
  return view.kept('names by reference and digest', async () => {
    // Nobody has seen that an inventory which was sent in is that of the image whose name it has.
    const names = (await view.names()).filter(({ kind }) => kind !== 'import');
    return {
      byReference: new Map(
        names.flatMap((name) => (ofMachine.test(name.reference) ? [] : [[name.reference, name] as const])),
      ),
      byDigest: new Map(
        names.flatMap((name) => (name.digest === null ? [] : [[name.digest, name] as const])),
      ),
    };
  });
}

/** The name as the pod has it, or as `fleet add --kubernetes` writes it, or any that stands for the digest. */
function nameOf({ byReference, byDigest }: KnownNames, image: string): ViewedName | undefined {
  const [, digest = ''] = /@([a-z0-9]+:[0-9a-f]{32,128})$/.exec(image) ?? [];
  return byReference.get(image) ?? byReference.get(`registry:${image}`) ?? byDigest.get(digest);
}

/** Why an image is not admitted, or what is to be known if it is. */
async function judgedName(
  view: FleetView,
  { state, image, unread, uncovered }: ViewedName,
  { severity }: Demand,
): Promise<{ refused?: string; warning?: string }> {
  if (unread) return { refused: `it could not be read (${unread.code})` };
  if (uncovered || state === 'uncovered')
    return { refused: `nothing of it is judged${uncovered ? ` (${uncovered.code})` : ''}` };
  if (state === 'waiting' || image === null) return { refused: 'it waits for the next run' };
  const [row] = await view.queries.query<{ packages: number[] }>(
    'SELECT packages FROM fleet.images WHERE id = $1',
    [image],
  );
  const least = severities.indexOf(severity);
  const fixable = (await imageFlaws(view, { id: image, packages: row?.packages ?? [] })).filter(
    (flaw) => isCounted(flaw) && flaw.fixable,
  );
  const flaws = fixable.filter(({ rank }) => rank >= least);
  if (flaws.length > 0) return { refused: await flawWords(view, flaws) };
  // As for the gate of a scan: where most are not rated, a severity keeps nothing out.
  const unrated = fixable.filter(({ rank }) => rank === rankOf('unknown')).length;
  const words = `${unrated} of ${fixable.length} flaws with a fix are not rated`;
  if (unrated * 2 > fixable.length) return { refused: words };
  const warnings = [
    ...(state === 'partly' ? ['not all of it is judged'] : []),
    ...(unrated > 0 ? [words] : []),
  ];
  return warnings.length > 0 ? { warning: warnings.join('; ') } : {};
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

/** The part of an AdmissionReview (`admission.k8s.io/v1`) that is judged. */
interface PodReview {
  uid: string;
  /** Images of all containers and volumes, each once. */
  images: readonly string[];
}

/** Containers of a pod that are judged at most. */
const mostContainers = 500;

const kinds = ['containers', 'initContainers', 'ephemeralContainers'] as const;

/** Reads the review of a pod. @throws REQUEST_INVALID for one of something else, which nobody here judges */
function readPodReview(body: unknown): PodReview {
  const { apiVersion, kind, request } = membersOf(body);
  const { uid, object } = membersOf(request);
  const pod = membersOf(object);
  if (apiVersion !== 'admission.k8s.io/v1' || kind !== 'AdmissionReview' || typeof uid !== 'string')
    throw refusal('REQUEST_INVALID', 'expected an AdmissionReview of admission.k8s.io/v1');
  if (pod['kind'] !== 'Pod')
    throw refusal(
      'REQUEST_INVALID',
      'expected the review of a pod',
      'limit the rules of the webhook to pods',
    );
  const spec = membersOf(pod['spec']);
  const containers = kinds.flatMap((each) => {
    const list = spec[each];
    return Array.isArray(list) ? (list as unknown[]) : [];
  });
  if (containers.length === 0 || containers.length > mostContainers)
    throw refusal(
      'REQUEST_INVALID',
      `expected 1 to ${mostContainers} containers, found ${containers.length}`,
    );
  const images = containers.map((container) => {
    const { image } = membersOf(container);
    if (typeof image === 'string' && image !== '') return image;
    throw refusal('REQUEST_INVALID', 'a container names no image');
  });
  return { uid, images: [...new Set([...images, ...imagesOfVolumes(spec['volumes'])])] };
}

/** A volume can be an image: `image: { reference }`. */
function imagesOfVolumes(volumes: unknown): string[] {
  const own = (Array.isArray(volumes) ? (volumes as unknown[]) : []).flatMap((volume) => {
    const { image } = membersOf(volume);
    return image === undefined ? [] : [membersOf(image)['reference']];
  });
  if (own.length > mostContainers || !own.every((reference) => typeof reference === 'string'))
    throw refusal('REQUEST_INVALID', `expected at most ${mostContainers} volumes that name their images`);
  return own;
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
