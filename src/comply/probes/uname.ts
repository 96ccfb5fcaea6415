import type { InstalledPackage } from '../../model/inventory/index.ts';
import type { Conditions } from '../oval/conditions.ts';
import { type Collection, collection, failure, type ItemEntity, makeItem } from '../oval/items.ts';
import type { ImageSystem, Probe, ProbeContext } from './probe.ts';

/** independent family: always `unix`. */
export const family: Probe = {
  type: 'independent/family',
  collect: () => collection([makeItem('independent/family', { family: 'unix' })]),
  reads: 'nothing',
  digests: 'none',
  shows: { place: ['family'] },
  secret: 'none',
};

/** Processors of 64 bits by the names that image configurations (Go), dpkg and rpm have for them. */
const processors: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  x86_64: 'x86_64',
  arm64: 'aarch64',
  aarch64: 'aarch64',
  ppc64le: 'ppc64le',
  ppc64el: 'ppc64le',
  s390x: 's390x',
  riscv64: 'riscv64',
  loong64: 'loongarch64',
  loongarch64: 'loongarch64',
};

const ofKernel: ItemEntity = { value: '', status: 'not collected' };

/**
 * unix uname: the processor that the image is built for. 64-bit programs need that processor; 32-bit ones also run on 64-bit
 * processors, so they do not prove it. The rest is known of a running kernel only.
 */
export const uname: Probe = {
  type: 'unix/uname',
  collect: processor,
  reads: 'nothing',
  digests: 'none',
  shows: { place: [] },
  secret: 'none',
};

function processor(_conditions: Conditions, { system }: ProbeContext): Collection {
  const processor = processorOf(system);
  if (processor === undefined) return failure('not collected', 'the image does not record its processor');
  const item = makeItem('unix/uname', {
    machine_class: processor,
    node_name: ofKernel,
    os_name: 'Linux',
    os_release: ofKernel,
    os_version: ofKernel,
    processor_type: processor,
  });
  return collection([item]);
}

function processorOf({ architecture, packages }: ImageSystem): string | undefined {
  if (architecture !== undefined) return own(architecture);
  const found = new Set(packages().flatMap(({ arch }: InstalledPackage) => own(arch ?? '') ?? []));
  return found.size === 1 ? [...found][0] : undefined;
}

function own(name: string): string | undefined {
  return Object.hasOwn(processors, name) ? processors[name] : undefined;
}
