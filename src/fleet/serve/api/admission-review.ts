import { refusal } from '../../refusal.ts';

/** The part of an AdmissionReview (`admission.k8s.io/v1`) that is judged. */
export interface PodReview {
  uid: string;
  /** Images of all containers and volumes, each once. */
  images: readonly string[];
}

/** Containers of a pod that are judged at most. */
const mostContainers = 500;

const kinds = ['containers', 'initContainers', 'ephemeralContainers'] as const;

/** Reads the review of a pod. @throws REQUEST_INVALID for one of something else, which nobody here judges */
export function readPodReview(body: unknown): PodReview {
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
