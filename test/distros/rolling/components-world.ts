import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import chainguardData from '../../../feeds/chainguard.json' with { type: 'json' };
import wolfiData from '../../../feeds/wolfi.json' with { type: 'json' };
import type { SuccessorDefinition } from '../../../src/distros/rolling/definition.ts';
import { successorSource } from '../../../src/distros/rolling/successor.ts';
import { chainguard, wolfi } from '../../../src/distros/rolling.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { tarOf } from '../redhat/tree-server.ts';

export const definitions = {
  chainguard: chainguardData as SuccessorDefinition,
  wolfi: wolfiData as SuccessorDefinition,
};

export const sourceOf = (name: keyof typeof definitions) =>
  successorSource(name === 'wolfi' ? wolfi : chainguard, definitions[name]);

export interface Component {
  /** The package that has it. */
  name: string;
  arch?: 'aarch64' | 'x86_64';
  /** Absent: no fix. `0`: the package does not have the flaw. */
  fixed?: string;
  cve: string;
  ecosystems?: readonly string[];
  more?: object;
}

const digits = '23456789cfghjmpqrvwx';

/** A record of the third form of the records, as osv.dev shows them: one component of a package, in both ecosystems. */
export function componentRecord(at: number, component: Component): object {
  const { name, arch = 'x86_64', fixed, cve, ecosystems = ['Chainguard', 'Wolfi'], more } = component;
  const status = fixed === undefined ? 'detection' : fixed === '0' ? 'false_positive_determination' : 'fixed';
  const last = [...String(at).padStart(4, '0')].map((digit) => digits[Number(digit)]).join('');
  return {
    schema_version: '1.7.5',
    id: `CGA-2222-3333-${last}`,
    published: '2026-09-01T00:00:00Z',
    modified: '2026-11-20T00:00:00Z',
    upstream: [cve, `GHSA-2222-3333-${last}`],
    affected: ecosystems.map((ecosystem) => ({
      package: {
        ecosystem,
        name,
        purl: `pkg:apk/${ecosystem.toLowerCase()}/${name}?arch=${arch}`,
      },
      ranges: [
        { type: 'ECOSYSTEM', events: [{ introduced: '0' }, ...(fixed === undefined ? [] : [{ fixed }])] },
      ],
      ecosystem_specific: {
        components: [
          {
            component_location: `/usr/bin/${name}`,
            component_name: 'stdlib',
            component_purl: 'pkg:golang/stdlib@go1.26.1',
            component_type: 'go-module',
            component_version: 'go1.26.1',
            latest_event_status: status,
          },
        ],
      },
    })),
    ...more,
  };
}

/** Packed as the publisher does: a folder with a file for each record. */
export function componentArchive(records: readonly object[]): Buffer {
  const files = records.map((record, at) => [
    `osv/${'id' in record ? String(record.id) : at}.json`,
    JSON.stringify(record),
  ]);
  return gzipSync(tarOf(Object.fromEntries(files)));
}

/** A mirror with the archive; both vendors have the same. */
export function writeComponentMirror(records: readonly object[] | Buffer): string {
  const mirror = temporaryFolder('mirror');
  const path = join(mirror, definitions.wolfi.archive.replace('https://', ''));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.isBuffer(records) ? records : componentArchive(records));
  return mirror;
}
