import { fieldOf, parseJson, textsOf } from '../../../files/json.ts';
import { optional } from '../../../files/optional.ts';
import { readText } from '../../../files/text.ts';
import { unique } from '../../../files/unique.ts';
import type { FileView, ImageProduct, Inventory, InventoryNote } from '../../../model/index.ts';
import { quote } from '../../../packaging/deb/deb822.ts';
import { dockerfileLabels } from './dockerfile-labels.ts';

export const contentManifestFolders = ['/root/buildinfo/content_manifests', '/usr/share/buildinfo'] as const;
export const labelsPaths = ['/root/buildinfo/labels.json', '/usr/share/buildinfo/labels.json'] as const;
/** Images of before 2020 keep their Dockerfiles, `Dockerfile-NAME-VERSION-RELEASE`, instead of manifests. */
export const buildInfoFolder = '/root/buildinfo';
export const modulesFolder = '/etc/dnf/modules.d';

export type RedHatContext = Pick<Inventory, 'contentSets' | 'cpes' | 'products' | 'enabledModules'> & {
  notes: readonly InventoryNote[];
};

/** An image configuration's labels by name. */
export type ImageLabels = Readonly<Record<string, string>>;

/** Which repositories, products and modules an image of Red Hat's says it was made of. A broken file is a note. */
export function readRedHatContext(files: FileView, imageLabels: ImageLabels = {}): RedHatContext {
  const notes: InventoryNote[] = [];
  const contentSets = unique(manifestPaths(files).flatMap((path) => contentSetsOf(files, path, notes)));
  const labels = readLabels(files, notes);
  const products = productsOf(files, labels, imageLabels, notes);
  const cpe = labels?.labels.get('cpe');
  const enabledModules = readEnabledModules(files);
  return {
    ...(contentSets.length > 0 ? { contentSets } : {}),
    ...(cpe ? { cpes: [cpe] } : {}),
    ...(products.length > 0 ? { products } : {}),
    ...(enabledModules.length > 0 ? { enabledModules } : {}),
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

/** What has one text; what an object says of its own text is a stranger's. */
function isPlain(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/**
 * Red Hat's build writes its labels into the image; the configuration's are anybody's to overwrite, so that of those only
 * `url` is read, which names repository and tag in one.
 */
function productsOf(
  files: FileView,
  labels: LabelsFile | undefined,
  imageLabels: ImageLabels,
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

/** An image that was built on another keeps both Dockerfiles, and has what is in both. */
function productsOfDockerfiles(files: FileView, notes: InventoryNote[]): ImageProduct[] {
  return files
    .list(buildInfoFolder)
    .filter((name) => name.startsWith('Dockerfile-'))
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
function productOfUrl({ url = '', architecture }: ImageLabels): ImageProduct[] {
  const [, name, version, release] =
    /^https:\/\/access\.redhat\.com\/containers\/#\/[^/]+\/([\w./-]+)\/images\/([\w.+]+)-([\w.+-]+)$/.exec(
      url,
    ) ?? [];
  if (name === undefined || version === undefined || release === undefined) return [];
  return [{ found: 'label url', name, version, release, ...optional('architecture', architecture) }];
}

/** dnf keeps an ini file a module: `[nodejs]`, `stream=18`, `state=enabled`. */
function readEnabledModules(files: FileView): string[] {
  return unique(
    files
      .list(modulesFolder)
      .filter((name) => name.endsWith('.module'))
      .flatMap((name) => enabledModulesOf(readText(files, `${modulesFolder}/${name}`) ?? '')),
  );
}

function enabledModulesOf(text: string): string[] {
  return text.split(/^\[/m).flatMap((section) => {
    const name = /^([^\]\n]+)\]/.exec(section)?.[1];
    const stream = /^stream\s*=\s*"?([^"\s]+)"?/m.exec(section)?.[1];
    const enabled = /^state\s*=\s*(enabled|installed)\s*$/m.test(section);
    return name && stream && enabled ? [`${name}:${stream}`] : [];
  });
}

/** Some images carry labels with their quotation marks inside. */
function unquoted(value: string): string {
  return value.replace(/^"(.*)"$/, '$1');
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
