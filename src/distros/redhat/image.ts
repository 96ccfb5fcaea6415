import { fieldOf, parseJson, textsOf } from '../../files/json.ts';
import { optional, readText, unique } from '../../files/text.ts';
import type { FileView, ImageProduct, Inventory, InventoryNote } from '../../model/inventory/index.ts';
import { quote } from '../../packaging/deb/deb822.ts';
import type { ImageContext, ImageFacts, ImageReader } from '../contract.ts';
import { redHatRelease } from './image-release.ts';

/** Limits on the length of a value after variables are replaced, and of all values of a file; usual ones have some 50. */
const maxExpanded = 4096;
const maxExpandedTogether = 1 << 20;

interface DockerfileLabels {
  /** By lower-case name. */
  labels: ReadonlyMap<string, string>;
  /** A value was left out because its variables make it too long. */
  tooLong: boolean;
}

/**
 * Reads the LABELs of a Dockerfile, with the variables of its ENV and ARG lines. A label whose value needs a variable of the
 * build is left out.
 */
function dockerfileLabels(text: string): DockerfileLabels {
  const variables = new Map<string, string>();
  const labels = new Map<string, string>();
  let left = maxExpandedTogether;
  let tooLong = false;
  for (const line of text.replace(/\\\r?\n/g, ' ').split('\n')) {
    const [, instruction, rest] = /^\s*(LABEL|ENV|ARG)(\s.*)$/i.exec(line) ?? [];
    if (instruction === undefined || rest === undefined) continue;
    const isLabel = instruction.toUpperCase() === 'LABEL';
    for (const [written, value] of pairsOf(rest)) {
      const name = isLabel ? written.toLowerCase() : written;
      const into = isLabel ? labels : variables;
      const known = value.includes('$') ? expand(value, variables, Math.min(left, maxExpanded)) : value;
      if (known === undefined) tooLong = true;
      else if (value.includes('$')) left -= known.length;
      if (known === undefined || known.includes('$')) into.delete(name);
      else into.set(name, known);
    }
  }
  return { labels, tooLong };
}

/** ` a=b "c"="d e"`, or the older ` name value` of ENV. */
function pairsOf(rest: string): [name: string, value: string][] {
  const pairs = [...rest.matchAll(/\s"?([\w.-]+)"?=(?:"([^"]*)"|(\S+))/g)];
  if (pairs.length > 0) return pairs.map(([, name, quoted, plain]) => [name!, quoted ?? plain!]);
  const [, name, value] = /^\s+(\w+)\s+(.*)$/.exec(rest) ?? [];
  return name !== undefined && value !== undefined ? [[name, value.trim()]] : [];
}

/** The value with known variables replaced; undefined if it has more than `most` characters. */
function expand(value: string, variables: ReadonlyMap<string, string>, most: number): string | undefined {
  let expanded = '';
  let from = 0;
  for (const { 0: whole, 1: braced, 2: plain, index } of value.matchAll(/\$(?:\{(\w+)\}|(\w+))/g)) {
    expanded += value.slice(from, index) + (variables.get((braced ?? plain)!) ?? whole);
    from = index + whole.length;
    if (expanded.length > most) return undefined;
  }
  expanded += value.slice(from);
  return expanded.length > most ? undefined : expanded;
}

const contentManifestFolders = ['/root/buildinfo/content_manifests', '/usr/share/buildinfo'] as const;
const labelsPaths = ['/root/buildinfo/labels.json', '/usr/share/buildinfo/labels.json'] as const;
/** Images of before 2020 keep their Dockerfiles, `Dockerfile-NAME-VERSION-RELEASE`, instead of manifests. */
const buildInfoFolder = '/root/buildinfo';
const dockerfilePrefix = 'Dockerfile-';

export const redHatImage: ImageReader = {
  id: 'rhel',
  release: redHatRelease,
  wanted: {
    paths: labelsPaths,
    folders: contentManifestFolders,
    prefixes: [{ folder: buildInfoFolder, prefix: dockerfilePrefix }],
  },
  read: readContext,
};

/** The repositories and products of an image, by its own files. */
export interface RedHatContext {
  /** Repository ids. */
  contentSets?: readonly string[];
  cpes?: readonly string[];
}

/** The context of this distribution in an inventory. */
export function redHatContext({ context }: Pick<Inventory, 'context'>): Required<RedHatContext> {
  const own = context?.['rhel'];
  return { contentSets: textsOf(fieldOf(own, 'contentSets')), cpes: textsOf(fieldOf(own, 'cpes')) };
}

/** A broken file is a note. */
function readContext(files: FileView, { labels: imageLabels }: Pick<ImageFacts, 'labels'>): ImageContext {
  const notes: InventoryNote[] = [];
  const contentSets = unique(manifestPaths(files).flatMap((path) => contentSetsOf(files, path, notes)));
  const labels = readLabels(files, notes);
  const products = productsOf(files, labels, imageLabels, notes);
  const cpe = labels?.labels.get('cpe');
  const context: RedHatContext = {
    ...(contentSets.length > 0 ? { contentSets } : {}),
    ...(cpe ? { cpes: [cpe] } : {}),
  };
  return {
    ...(Object.keys(context).length > 0 ? { context } : {}),
    ...(products.length > 0 ? { products } : {}),
    notes,
  };
}

function manifestPaths(files: FileView): string[] {
  return contentManifestFolders
    .flatMap((folder) => files.list(folder).map((name) => `${folder}/${name}`))
    .filter((path) => path.endsWith('.json') && !(labelsPaths as readonly string[]).includes(path));
}

function contentSetsOf(files: FileView, path: string, notes: InventoryNote[]): string[] {
  const text = readText(files, path);
  if (text === undefined) return [];
  const manifest = parseJson(text);
  if (typeof manifest !== 'object' || manifest === null) {
    notes.push({ code: 'broken_content_manifest', where: path });
    return [];
  }
  const sets = textsOf(fieldOf(manifest, 'content_sets'));
  return sets.length > 0 ? sets : repositoriesOf(fieldOf(manifest, 'image_contents'));
}

/** The form with purls instead of a list: the repositories of binary packages, not of sources. */
function repositoriesOf(contents: unknown): string[] {
  const parts = Array.isArray(contents) ? contents : [contents];
  return parts
    .flatMap((part) => [part, ...asArray(fieldOf(part, 'dependencies'))])
    .map((part) => fieldOf(part, 'purl'))
    .filter((purl) => typeof purl === 'string' && purl.startsWith('pkg:rpm/'))
    .map((purl) => new URLSearchParams(String(purl).split('#')[0]!.split('?')[1] ?? ''))
    .filter((qualifiers) => qualifiers.get('arch') !== 'src')
    .flatMap((qualifiers) => qualifiers.get('repository_id') ?? []);
}

interface LabelsFile {
  path: string;
  labels: ReadonlyMap<string, string>;
}

function readLabels(files: FileView, notes: InventoryNote[]): LabelsFile | undefined {
  for (const path of labelsPaths) {
    const text = readText(files, path);
    if (text === undefined) continue;
    const labels = parseJson(text);
    if (typeof labels === 'object' && labels !== null && !Array.isArray(labels)) {
      const entries = Object.entries(labels);
      const broken = entries.filter(([, value]) => !isPlain(value));
      if (broken.length > 0) {
        const some = broken.slice(0, 5).map(([name]) => quote(name));
        notes.push({ code: 'broken_labels', where: path, detail: `no texts: ${some.join(', ')}` });
      }
      const texts = entries.flatMap(([name, value]) =>
        isPlain(value) ? [[name.toLowerCase(), unquoted(String(value))] as const] : [],
      );
      return { path, labels: new Map(texts) };
    }
    notes.push({ code: 'broken_labels', where: path });
  }
  return undefined;
}

/** True for values with an unambiguous text; an object from a stranger's file may define its own toString. */
function isPlain(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/**
 * Red Hat's build writes its labels into the image. Anybody can overwrite those in the configuration, so of these only `url`
 * is read, which names repository and tag together.
 */
function productsOf(
  files: FileView,
  labels: LabelsFile | undefined,
  imageLabels: ImageFacts['labels'],
  notes: InventoryNote[],
): readonly ImageProduct[] {
  const written = labels ? productOfLabels(labels.labels, labels.path) : undefined;
  if (written) return [written];
  const built = productsOfDockerfiles(files, notes);
  return built.length > 0 ? built : productOfUrl(imageLabels);
}

function productOfLabels(labels: ReadonlyMap<string, string>, found: string): ImageProduct | undefined {
  const product = {
    ...optional('name', labels.get('name')),
    ...optional('component', labels.get('com.redhat.component') ?? labels.get('bzcomponent')),
    ...optional('version', labels.get('version')),
    ...optional('release', labels.get('release')),
    ...optional('architecture', labels.get('architecture')),
  };
  return Object.keys(product).length > 0 ? { found, ...product } : undefined;
}

/** An image that was built on another has both Dockerfiles, and the content of both. */
function productsOfDockerfiles(files: FileView, notes: InventoryNote[]): ImageProduct[] {
  return files
    .list(buildInfoFolder)
    .filter((name) => name.startsWith(dockerfilePrefix))
    .flatMap((name) => {
      const path = `${buildInfoFolder}/${name}`;
      const { labels, tooLong } = dockerfileLabels(readText(files, path) ?? '');
      if (tooLong) {
        notes.push({ code: 'broken_labels', where: path, detail: 'variables make a value too long' });
      }
      return productOfLabels(labels, path) ?? [];
    });
}

/** `https://access.redhat.com/containers/#/registry.access.redhat.com/ubi9/nodejs-18/images/1-87` */
function productOfUrl({ url = '', architecture }: ImageFacts['labels']): ImageProduct[] {
  const [, name, version, release] =
    /^https:\/\/access\.redhat\.com\/containers\/#\/[^/]+\/([\w./-]+)\/images\/([\w.+]+)-([\w.+-]+)$/.exec(
      url,
    ) ?? [];
  if (name === undefined || version === undefined || release === undefined) return [];
  return [{ found: 'label url', name, version, release, ...optional('architecture', architecture) }];
}

/** Some images have labels that include their quotation marks. */
function unquoted(value: string): string {
  return value.replace(/^"(.*)"$/, '$1');
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
