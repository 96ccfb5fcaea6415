import almaLinuxData from '../../feeds/almalinux.json' with { type: 'json' };
import anolisData from '../../feeds/anolis.json' with { type: 'json' };
import archData from '../../feeds/arch.json' with { type: 'json' };
import azureLinuxData from '../../feeds/azurelinux.json' with { type: 'json' };
import bottlerocketData from '../../feeds/bottlerocket.json' with { type: 'json' };
import chainguardData from '../../feeds/chainguard.json' with { type: 'json' };
import cleanstartData from '../../feeds/cleanstart.json' with { type: 'json' };
import echoData from '../../feeds/echo.json' with { type: 'json' };
import fedoraData from '../../feeds/fedora.json' with { type: 'json' };
import marinerData from '../../feeds/mariner.json' with { type: 'json' };
import minimosData from '../../feeds/minimos.json' with { type: 'json' };
import openEulerData from '../../feeds/openeuler.json' with { type: 'json' };
import oracleData from '../../feeds/oracle.json' with { type: 'json' };
import photonData from '../../feeds/photon.json' with { type: 'json' };
import rockyData from '../../feeds/rocky.json' with { type: 'json' };
import secureosData from '../../feeds/secureos.json' with { type: 'json' };
import wolfiData from '../../feeds/wolfi.json' with { type: 'json' };
import { source as osv } from '../ecosystems/osv/source.ts';
import { compareCodeUnits } from '../model/order.ts';
import type { Source, TableSchema } from '../sources/contract.ts';
import { source as alpine } from './alpine/source.ts';
import { source as amazon } from './amazon/source.ts';
import { archReader } from './bulletin/arch.ts';
import type { BulletinDefinition } from './bulletin/definition.ts';
import { echoReader } from './bulletin/echo.ts';
import { bulletinSource } from './bulletin/source.ts';
import { arch, echo } from './bulletins.ts';
import { source as debian } from './debian/source.ts';
import { source as dhi } from './dhi/source.ts';
import { source as gentoo } from './gentoo/source.ts';
import { rebuildSource } from './rebuild/source.ts';
import {
  almaLinux,
  anolis,
  azureLinux,
  bottlerocket,
  fedora,
  mariner,
  openEuler,
  oracle,
  photon,
  rocky,
} from './rebuilds.ts';
import { source as redhat } from './redhat/source.ts';
import type { RecordsDefinition, RollingDefinition, SuccessorDefinition } from './rolling/definition.ts';
import { recordsSource } from './rolling/records.ts';
import { rollingSource } from './rolling/source.ts';
import { successorSource } from './rolling/successor.ts';
import { chainguard, cleanstart, minimos, secureos, wolfi } from './rolling.ts';
import { source as suse } from './suse/source.ts';
import { source as ubuntu } from './ubuntu/source.ts';

/** The parts of a distribution that a build needs. */
export interface DistroBuild {
  source: Source;
}

/** Every distribution, by the source's id in code-unit order; test/distros/registry.test.ts compares it with the folders. */
export const builds: DistroBuild[] = [
  { source: rebuildSource(almaLinux, almaLinuxData) },
  { source: alpine },
  { source: amazon },
  { source: rebuildSource(anolis, anolisData) },
  { source: bulletinSource(arch, archReader, archData as BulletinDefinition) },
  { source: rebuildSource(azureLinux, azureLinuxData) },
  { source: rebuildSource(bottlerocket, bottlerocketData) },
  { source: successorSource(chainguard, chainguardData as SuccessorDefinition) },
  { source: recordsSource(cleanstart, cleanstartData as RecordsDefinition) },
  { source: debian },
  { source: dhi },
  { source: bulletinSource(echo, echoReader, echoData as BulletinDefinition) },
  { source: rebuildSource(fedora, fedoraData) },
  { source: gentoo },
  { source: rebuildSource(mariner, marinerData) },
  { source: rollingSource(minimos, minimosData as RollingDefinition) },
  { source: rebuildSource(openEuler, openEulerData) },
  { source: rebuildSource(oracle, oracleData) },
  { source: rebuildSource(photon, photonData) },
  { source: redhat },
  { source: rebuildSource(rocky, rockyData) },
  { source: rollingSource(secureos, secureosData as RollingDefinition) },
  { source: suse },
  { source: ubuntu },
  { source: successorSource(wolfi, wolfiData as SuccessorDefinition) },
];

/** All sources with platforms, of distributions and of languages, by id in code-unit order. */
export function sources(): Source[] {
  return [...builds.map(({ source }) => source), osv].sort((a, b) => compareCodeUnits(a.id, b.id));
}

/** Undefined: no distribution has such a source. */
export function sourceOf(id: string): Source | undefined {
  return sources().find((source) => source.id === id);
}

/** The tables of all sources. */
export function feedTables(): TableSchema[] {
  return sources().flatMap(({ tables = [] }) => tables);
}
