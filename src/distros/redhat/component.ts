import { isFlatpak, isModuleVersion, moduleOf } from '../../sources/csaf/module.ts';
import { containerName, type Purl, parsePurl, qualifier } from '../../sources/csaf/purl.ts';
import type { Component, ComponentOrReason } from '../../sources/csaf/vocabulary.ts';

/** Purl types of components that no rpm database and no image name lists. */
const foreignPurlTypes: ReadonlySet<string> = new Set([
  'maven',
  'generic',
  'npm',
  'golang',
  'luarocks',
  'gem',
  'cargo',
  'github',
  'koji',
  'pypi',
  'nuget',
]);

/** Documents about hardened images say `source`. */
const sourceArchitectures: ReadonlySet<string> = new Set(['src', 'nosrc', 'source']);

/** Debug symbols and sources: half of all rows, and irrelevant for images. */
const debugPackage = /-debug(?:info|source)(?:-|$)/;

/** Returns the component of a product_version node, or why it is not used. */
export function componentOf(productId: string, purlText: string | undefined): ComponentOrReason {
  if (purlText === undefined) return componentOfId(productId);
  const purl = parsePurl(purlText);
  if (!purl) return { reason: 'malformed_purl', detail: purlText };
  if (purl.type === 'rpm') return rpmComponent(purl, productId);
  if (purl.type === 'oci') return containerComponent(purl);
  if (purl.type === 'rpmmod') return { reason: 'module_without_package', detail: purlText };
  if (foreignPurlTypes.has(purl.type)) return { reason: `purl_type_${purl.type}` };
  return { reason: 'unknown_purl_type', detail: purl.type };
}

function rpmComponent(purl: Purl, productId: string): ComponentOrReason {
  if (purl.namespace !== 'redhat') return { reason: 'foreign_namespace', detail: purl.namespace };
  if (debugPackage.test(purl.name)) return { reason: 'debug_package' };
  const label = qualifier(purl, 'rpmmod');
  const module = label === undefined ? undefined : moduleOf(label);
  if (label !== undefined && module === undefined)
    return { reason: 'malformed_module', detail: label, name: purl.name };
  if (module !== undefined && isFlatpak(module)) return { reason: 'flatpak' };
  const ofModule = purl.version !== undefined && isModuleVersion(purl.version);
  if (ofModule && module === undefined)
    return { reason: 'module_version', detail: productId, name: purl.name };
  const arch = qualifier(purl, 'arch');
  const source = arch !== undefined && sourceArchitectures.has(arch);
  return {
    kind: 'rpm',
    subject: source ? 'source' : 'binary',
    unsure: arch === undefined,
    name: purl.name,
    module,
    arch: source ? undefined : arch,
    version:
      purl.version === undefined || ofModule
        ? undefined
        : `${qualifier(purl, 'epoch') ?? '0'}:${purl.version}`,
  };
}

function containerComponent(purl: Purl): Component {
  return {
    kind: 'oci',
    subject: 'binary',
    unsure: false,
    name: containerName(purl),
    module: undefined,
    arch: qualifier(purl, 'arch'),
    version: qualifier(purl, 'tag') ?? purl.version,
  };
}

/**
 * Documents of 2021 to 2023 lack some purls; their component ids are `name`, `module:stream/name`, or a whole NEVRA.
 * Without a purl the type is a guess, so this is used for RHEL platforms only (see product-tree).
 */
function componentOfId(productId: string): ComponentOrReason {
  const slash = productId.indexOf('/');
  const module = slash === -1 ? undefined : moduleOf(productId.slice(0, slash));
  if (slash !== -1 && module === undefined) return { reason: 'no_purl', detail: productId };
  if (module !== undefined && isFlatpak(module)) return { reason: 'flatpak' };
  const nevra = /^(?<name>[^:/\s]+)-(?<evr>\d+:[^-:\s]+-[^-:\s]+)\.(?<arch>[a-z0-9_]+)$/.exec(
    productId.slice(slash + 1),
  );
  const name = nevra?.groups?.['name'] ?? productId.slice(slash + 1).replace(/\.src$/, '');
  if (!/^[A-Za-z0-9][\w.+-]*$/.test(name)) return { reason: 'no_purl', detail: productId };
  if (debugPackage.test(name)) return { reason: 'debug_package' };
  const arch = nevra?.groups?.['arch'];
  const source = arch === undefined || arch === 'src';
  return {
    kind: 'rpm',
    subject: source ? 'source' : 'binary',
    unsure: false,
    name,
    module,
    arch: source ? undefined : arch,
    version: nevra?.groups?.['evr'],
  };
}
