import { type Budget, malformed } from '../limits.ts';
import { isObject, parseBoundedJson, requireArray, requireObject } from './bounded-json.ts';
import { requireDigest } from './digest.ts';
import { textValues } from './manifest.ts';
import type { ImagePlatform } from './platform.ts';

/** The used fields of an image configuration. */
export interface ImageConfig {
  platform?: ImagePlatform;
  labels: Readonly<Record<string, string>>;
  env: readonly string[];
  /** One for each layer, lowest first. */
  layers: readonly { diffId: string; createdBy?: string }[];
}

/** Parses an OCI image configuration, or Docker's. @throws IMAGE_MALFORMED, IMAGE_LIMIT_EXCEEDED */
export function parseImageConfig(bytes: Buffer, budget: Budget, where: string): ImageConfig {
  const document = requireObject(parseBoundedJson(bytes, budget, 'configBytes', where), where);
  const rootfs = requireObject(document['rootfs'], `${where}#/rootfs`);
  const diffIds = requireArray(rootfs['diff_ids'] ?? [], `${where}#/rootfs/diff_ids`);
  const commands = layerCommands(document['history']);
  const inner = isObject(document['config']) ? document['config'] : {};
  const platform = platformOf(document);
  return {
    ...(platform && { platform }),
    labels: textValues(inner['Labels']),
    env: Array.isArray(inner['Env']) ? inner['Env'].filter((value) => typeof value === 'string') : [],
    layers: diffIds.map((value, index) => {
      const diffId = requireDigest(value, `${where}#/rootfs/diff_ids/${index}`);
      const createdBy = commands[index];
      return createdBy === undefined ? { diffId } : { diffId, createdBy };
    }),
  };
}

/** Errors: IMAGE_MALFORMED when the manifest has another number of layers than the configuration. */
export function requireLayerCount(config: ImageConfig, count: number, where: string): void {
  if (config.layers.length === count) return;
  throw malformed(`expected ${count} diff ids for ${count} layers, found ${config.layers.length}`, where);
}

/** `created_by` of the steps that made a layer. */
function layerCommands(history: unknown): (string | undefined)[] {
  if (!Array.isArray(history)) return [];
  return history
    .filter((step) => isObject(step) && step['empty_layer'] !== true)
    .map(({ created_by: command }) => (typeof command === 'string' ? command : undefined));
}

function platformOf(document: Readonly<Record<string, unknown>>): ImagePlatform | undefined {
  const { os, architecture, variant } = document;
  if (typeof os !== 'string' || typeof architecture !== 'string' || architecture === '') return undefined;
  return typeof variant === 'string' && variant !== '' ? { os, architecture, variant } : { os, architecture };
}
