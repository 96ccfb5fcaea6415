import { hasScheme } from '../image/index.ts';
import { parseForeignJson } from '../io/foreign-json.ts';
import type { Environment } from '../model/environment.ts';
import { ScapfeedError } from '../model/error.ts';
import { grouped } from '../model/order.ts';
import { plural } from '../report/text-table.ts';
import { readGiven } from '../tasks/fleet/read-given.ts';
import {
  registryImages as imagesBelow,
  type ListedImages,
  type RegistryImages,
} from '../tasks/fleet/registry-images.ts';
import type { registryOptions } from '../tasks/image/options.ts';
import type { OptionValues } from '../tasks/option.ts';
import { readAuthorities } from './options/registry-access.ts';

/** The images of a registry, with access by the options. */
export function registryImages(
  place: string,
  tags: string,
  options: OptionValues<typeof registryOptions>,
  env: Environment,
): Promise<ListedImages> {
  const ca = options['ca-file'];
  const insecure = options['insecure-registry'] ?? [];
  return imagesBelow(place, tags, { env, insecure, ...(ca !== undefined && { ca: readAuthorities(ca) }) });
}

/** A list of references, one a line; `#` begins a comment. */
export function readImageList(file: string): string[] {
  return readGiven(file)
    .split('\n')
    .map((line) => line.replace(/#.*$/, '').trim())
    .filter((line) => line !== '');
}

/** Images that a cluster runs. */
export interface ClusterImages extends RegistryImages {
  /** For each image the namespaces of the pods that ask for it, in code-unit order. */
  namespaces: ReadonlyMap<string, readonly string[]>;
}

/** Characters: more than a host, a name, a tag and a digest can have together. */
const longestImage = 1_000;

/**
 * The images of `kubectl get pods -A -o json`, by the names that the pods ask for. Whoever may start a pod chooses them: each is an
 * image of a registry, as for the cluster (`docker:24`), and one that no registry can have is listed as not readable.
 */
export function readClusterImages(file: string): ClusterImages {
  const document = parsed(file);
  const pods = membersOf(document, 'items');
  if (pods.length === 0) throw notCluster(file);
  const kinds = ['containers', 'initContainers', 'ephemeralContainers'];
  const asked = pods.flatMap((pod) => {
    const namespace = memberOf(memberOf(pod, 'metadata'), 'namespace');
    const spec = memberOf(pod, 'spec');
    return kinds
      .flatMap((kind) => membersOf(spec, kind))
      .map((container) => ({ image: memberOf(container, 'image'), namespace }));
  });
  // No cluster runs a longer one, and no store keeps it.
  const possible = asked.flatMap(({ image, namespace }) =>
    typeof image === 'string' && image !== '' && image.length <= longestImage
      ? { reference: hasScheme(image) ? `registry:${image}` : image, namespace }
      : [],
  );
  const count = asked.length - possible.length;
  const byReference = grouped(possible, ({ reference }) => reference);
  return {
    references: [...byReference.keys()].sort(),
    namespaces: new Map(
      [...byReference].map(([reference, own]) => [
        reference,
        [...new Set(own.flatMap(({ namespace }) => (isNamespace(namespace) ? namespace : [])))].sort(),
      ]),
    ),
    cut: count === 0 ? [] : [`${plural(count, 'container')} whose image no registry can have, in ${file}`],
  };
}

/** A label of DNS (RFC 1123), as Kubernetes demands. */
function isNamespace(name: unknown): name is string {
  return typeof name === 'string' && /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name);
}

function parsed(file: string): unknown {
  try {
    return parseForeignJson(readGiven(file));
  } catch (cause) {
    if (cause instanceof ScapfeedError) throw cause;
    throw notCluster(file, cause);
  }
}

function notCluster(where: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'USAGE',
    message: 'expected a list of pods, found something else',
    where,
    remedy: 'write it with `kubectl get pods -A -o json`',
    ...(cause === undefined ? {} : { cause }),
  });
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

function membersOf(value: unknown, name: string): readonly unknown[] {
  const list = memberOf(value, name);
  return Array.isArray(list) ? list : [];
}
