import { ScapfeedError } from '../model/error.ts';
import type { FileView, Image } from '../model/inventory/index.ts';
import type { Archive } from './archive/archive.ts';
import { ArchiveDir } from './archive/archive-dir.ts';
import { isDockerArchive, planDockerArchive } from './archive/docker-archive.ts';
import { isOciLayout, planOciLayout } from './archive/oci-layout.ts';
import { openTarFile, openTarStream, type TarContent } from './archive/tar-content.ts';
import { isBootEntry, pathInDeployment, startedSystem } from './deployments.ts';
import type { ImageReadOptions } from './image-options.ts';
import type { LayerSource } from './layers/layer-source.ts';
import { TableRefuted } from './layers/partial-layer.ts';
import { type LayersContext, newReadContext, readLayers } from './layers/read-layers.ts';
import { Budget } from './limits.ts';
import type { ImagePlan } from './manifest/blob-store.ts';
import { type ImagePlatform, parsePlatform } from './manifest/platform.ts';
import { NoteBook } from './note-book.ts';
import {
  type EngineReference,
  type ImageReference,
  type RegistryReference,
  referenceText,
} from './reference.ts';

/** Every form of image but a plain directory. */
export type LayeredReference = Exclude<ImageReference, { kind: 'dir' | 'sbom' }>;

/** Context for opening an image of any kind. */
interface OpenContext extends LayersContext {
  options: ImageReadOptions;
  platform: ImagePlatform | undefined;
}

/** Opens an image that is made of layers, wherever they are. */
export async function openLayeredImage(
  reference: LayeredReference,
  options: ImageReadOptions,
  budget: Budget,
): Promise<Image> {
  const platform = options.platform === undefined ? undefined : parsePlatform(options.platform);
  const context = { ...newReadContext(options, budget, new NoteBook()), options, platform };
  const where = referenceText(reference);
  switch (reference.kind) {
    case 'oci':
      return openLayout(reference, new ArchiveDir(reference.path, where, budget.limits), context);
    case 'docker-archive':
    case 'oci-archive':
    case 'tar':
      return openTar(reference, await openTarFile(reference.path, where, context), context);
    case 'stdin': {
      const open = () => context.options.stdin ?? process.stdin;
      return openTar(
        reference,
        await openTarStream({ where, open, again: false }, withDeployments(context)),
        context,
      );
    }
    case 'registry':
      return openRegistry(reference, context);
    case 'docker':
    case 'podman':
    case 'container':
      return openEngine(reference, where, context);
  }
}

function openTar(
  reference: ImageReference,
  { archive, root }: TarContent,
  context: OpenContext,
): Promise<Image> {
  if (reference.kind === 'docker-archive') return openDocker(reference, archive, context);
  if (reference.kind === 'oci-archive') return openLayout(reference, archive, context);
  if (archive.isRoot) return openRoot(reference, root, context);
  // Docker >= 25 writes both; its manifest.json has the tags.
  if (isDockerArchive(archive)) return openDocker(reference, archive, context);
  if (isOciLayout(archive)) return openLayout(reference, archive, context);
  return openRoot(reference, root, context);
}

/** A plain root file system, as `docker export` makes, or that of a disk with ostree. */
async function openRoot(reference: ImageReference, root: LayerSource, context: OpenContext): Promise<Image> {
  const all = await readLayers([root], withDeployments(context));
  if (all.list('/').length === 0) {
    throw new ScapfeedError({
      code: 'IMAGE_MALFORMED',
      message: 'expected an image archive or a root file system, found an empty tar: it has no files',
      where: root.where,
      remedy:
        'check that the command that wrote it (docker save, docker export, podman save) succeeded and names the right image, then run it again',
    });
  }
  const { files, notes: started } = startedSystem(all, 'FOLDER', context.budget.limits.links);
  const notes = [...context.notes.notes(), ...started];
  return {
    kind: 'root-tar',
    reference: referenceText(reference),
    labels: {},
    env: [],
    files,
    notes,
    close: () => {},
  };
}

/** Before all of its names are known, a tar may be that of a disk with ostree. */
function withDeployments(context: OpenContext): OpenContext {
  const { wanted, inspection, packageFiles } = context;
  return {
    ...context,
    wanted: (path) => wanted(pathInDeployment(path)) || isBootEntry(path),
    inspection: { ...inspection, files: (path) => inspection.files(pathInDeployment(path)) },
    ...(packageFiles && { packageFiles: (path, size) => packageFiles(pathInDeployment(path), size) }),
  };
}

async function openDocker(reference: ImageReference, archive: Archive, context: OpenContext): Promise<Image> {
  return readImage(
    reference,
    await planDockerArchive(archive, tagOf(reference), context.platform, context.budget),
    context,
  );
}

async function openLayout(reference: ImageReference, archive: Archive, context: OpenContext): Promise<Image> {
  return readImage(
    reference,
    await planOciLayout(archive, tagOf(reference), context.platform, context.budget),
    context,
  );
}

/** The code for the network is loaded on demand. */
async function openRegistry(reference: RegistryReference, context: OpenContext): Promise<Image> {
  const { planRegistryImage } = await import('./registry/plan-registry-image.ts');
  const { plan, close } = await planRegistryImage(reference, context);
  try {
    return await readImage(reference, plan, context);
  } finally {
    await close();
  }
}

/** A container is read as the root file system that its engine exports. */
async function openEngine(reference: EngineReference, where: string, context: OpenContext): Promise<Image> {
  const { openEngineTar } = await import('./engine/open-engine-tar.ts');
  const { open, close } = await openEngineTar(reference, context.options.env ?? process.env);
  try {
    const { archive, root } = await openTarStream({ where, open, again: true }, withDeployments(context));
    if (reference.kind === 'container') return await openRoot(reference, root, context);
    return await openDocker(reference, archive, context);
  } finally {
    await close();
  }
}

function tagOf(reference: ImageReference): string | undefined {
  return 'tag' in reference ? reference.tag : undefined;
}

async function readImage(
  reference: ImageReference,
  { digest, config, annotations, layers }: ImagePlan,
  context: OpenContext,
): Promise<Image> {
  const { labels } = config;
  const { recall, inPart, inspection } = context.options;
  const isInPart = inPart !== undefined && !inspection && layers.some(({ parts }) => parts);
  const known = recall?.({
    ...(digest !== undefined && { digest }),
    layers: layers.map(({ layer }) => layer),
    ...(isInPart && { tables: layers.map(({ parts }) => parts?.table.digest ?? '') }),
    labels,
  });
  const packageFilesOf = isInPart ? (files: FileView) => inPart({ files, labels }) : undefined;
  const { files, notes } = known
    ? { files: known, notes: context.notes }
    : await readFiles(layers, context, packageFilesOf);
  return {
    kind: 'image',
    reference: referenceText(reference),
    ...(digest !== undefined && { digest }),
    ...(config.platform && { architecture: config.platform.architecture }),
    labels,
    ...(annotations && { annotations }),
    env: config.env,
    files,
    notes: notes.notes(),
    close: () => {},
  };
}

/** Reads layers in part if `packageFilesOf` is given, and whole after a table of contents turned out to be wrong. */
async function readFiles(
  layers: readonly LayerSource[],
  context: OpenContext,
  packageFilesOf: LayersContext['packageFilesOf'],
): Promise<{ files: FileView; notes: NoteBook }> {
  try {
    const files = await readLayers(layers, { ...context, ...(packageFilesOf && { packageFilesOf }) });
    return { files, notes: context.notes };
  } catch (error) {
    if (!(error instanceof TableRefuted)) throw error;
    const notes = new NoteBook();
    const reason = error.cause instanceof Error ? error.cause.message : String(error.cause);
    notes.add('table_of_contents_refused', error.message, `${reason}; the image was read whole`);
    const whole = newReadContext(context.options, new Budget(context.budget.limits), notes);
    return { files: await readLayers(layers, whole), notes };
  }
}
