import type { Stream } from '../../sources/csaf/vocabulary.ts';
import { parseCpe } from '../shared/rule/cpe.ts';
import { platformId } from './definition.ts';
import { rolling, type SuseChannel, type SuseSystem } from './rule-systems.ts';

/** A base product's channel, by the name of a product in its CPE. Modules and extensions are of the base product's own. */
const channelOfProduct: Readonly<Record<string, SuseChannel | 'main'>> = {
  sles: 'main',
  sled: 'main',
  'sle-ha': 'main',
  'sle-sdk': 'main',
  'sle-we': 'main',
  'sles-ltss': 'ltss',
  suse_sles_ltss: 'ltss',
  'sles-ltss-extended-security': 'ltss-es',
  sles_sap: 'sap',
  sle_hpc: 'hpc',
  'sle_hpc-ltss': 'hpc',
  'sle_hpc-espos': 'hpc',
  'sles-espos': 'espos',
  sle_rt: 'rt',
  'sle-module-rt': 'rt',
  sles_teradata: 'teradata',
  sles_ltss_teradata: 'teradata',
};

/**
 * The stream of a product, by its CPE: `cpe:/o:suse:sle-module-basesystem:15:sp5` is of SLES 15 SP5. `known`: the platforms
 * that are compiled.
 */
export function streamOf(
  cpeText: string | undefined,
  known: ReadonlySet<string>,
): Stream | { reason: string; detail?: string } {
  if (cpeText === undefined) return { reason: 'platform_without_cpe' };
  const cpe = parseCpe(cpeText);
  if (!cpe) return { reason: 'malformed_cpe' };
  const { vendor, product, version, update } = cpe;
  if (vendor === 'opensuse') return openSuseStream(product, version, known);
  if (vendor !== 'suse') return { reason: 'other_product' };
  if (product === 'sle-micro' || product === 'sl-micro')
    return compiled({ platform: platformId(product, version) }, known);
  const module = /^sle-module-/.test(product) && !Object.hasOwn(channelOfProduct, product);
  const channel = module
    ? 'main'
    : Object.hasOwn(channelOfProduct, product)
      ? channelOfProduct[product]
      : undefined;
  if (channel === undefined) return { reason: 'other_product' };
  const release = releaseOf(version, update);
  if (release === undefined) return { reason: 'platform_without_version' };
  const platform = platformId('sles', release);
  return compiled({ platform, ...(channel === 'main' ? {} : { channel }) }, known);
}

function openSuseStream(
  product: string,
  version: string,
  known: ReadonlySet<string>,
): Stream | { reason: string } {
  const system: SuseSystem | undefined =
    product === 'leap' ? 'opensuse-leap' : product === 'tumbleweed' ? 'opensuse-tumbleweed' : undefined;
  if (system === undefined) return { reason: 'other_product' };
  return compiled({ platform: platformId(system, version === '' ? rolling : version) }, known);
}

/** VERSION_ID: `15.5` of `15:sp5`, `12` of `12`, `16.0` of `16:16.0`. */
function releaseOf(version: string, update: string): string | undefined {
  if (!/^\d+$/.test(version)) return /^\d+\.\d+$/.test(version) ? version : undefined;
  if (update === '') return version;
  const servicePack = /^sp(\d+)/.exec(update)?.[1];
  if (servicePack !== undefined) return `${version}.${servicePack}`;
  return update.startsWith(`${version}.`) ? update : undefined;
}

function compiled(stream: Stream, known: ReadonlySet<string>): Stream | { reason: string } {
  return known.has(stream.platform) ? stream : { reason: 'release_not_compiled' };
}
