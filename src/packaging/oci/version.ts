import type { Comparison } from '../../model/order.ts';
import { rpmvercmp } from '../rpm/version.ts';

/**
 * Order of two tags of Red Hat's containers, `[v]VERSION-RELEASE`: `v4.14.0-202312132033.p0.g0ede33d.assembly.stream` by its
 * parts, as rpm orders them. Undefined where one is a digest, a floating tag or has no release: `latest`, `sha256:…`, `8.3`.
 */
export function compareContainerTags(a: string, b: string): Comparison {
  const [left, right] = [partsOf(a), partsOf(b)];
  if (!left || !right) return undefined;
  return rpmvercmp(left.version, right.version) || rpmvercmp(left.release, right.release);
}

function partsOf(tag: string): { version: string; release: string } | undefined {
  const [, version, release] = /^v?(\d[\w.+]*)-(\d[\w.+~-]*)$/.exec(tag) ?? [];
  return version === undefined || release === undefined ? undefined : { version, release };
}
