import type { ImageReader, Judge, MatchContext, Matcher } from '../../../../src/distros/contract.ts';
import { matchOf, unreadIn } from '../../../../src/distros/shared/package-match.ts';
import type { ClaimKind, ShardClaim } from '../../../../src/model/feed/index.ts';
import type { InstalledPackage } from '../../../../src/model/inventory/index.ts';
import type { Verdict } from '../../../../src/model/verdict/index.ts';
import type { RpmObject } from '../../../../src/oval/document/components.ts';
import { rpmLimit } from '../../../../src/oval/document/evr.ts';
import type { DistroOval } from '../../../../src/oval/forms/distro-oval.ts';
import { type FormContext, OvalForm } from '../../../../src/oval/forms/form.ts';
import {
  coverageDefinition,
  inventoryDefinition,
  osReleaseTest,
} from '../../../../src/oval/forms/release.ts';
import type { Selection, Way } from '../../../../src/oval/forms/rows.ts';
import { compareRpmEvr } from '../../../../src/packaging/rpm/version.ts';
import { createSource, type Definition } from '../advisory-source.ts';
import type { MadeUpDistro } from '../distro.ts';
import definition from './definition.json' with { type: 'json' };

const table = {
  name: 'testrix-repositories',
  schema: {
    $id: 'urn:testrix:repositories',
    type: 'object',
    required: ['id', 'channel'],
    additionalProperties: false,
    properties: { id: { type: 'string' }, channel: { type: 'string' } },
  },
};

/** The repository that an image installs from stands in a file of its own. */
const image: ImageReader = {
  id: 'testrix',
  wanted: { paths: ['/etc/testrix/repository'], folders: [] },
  read(files) {
    const repository = files.read('/etc/testrix/repository')?.toString().trim();
    return { notes: [], ...(repository ? { context: { repository } } : {}) };
  },
};

const judge: Judge = {
  id: 'testrix',
  databases: ['rpm'],
  release: (versionId) => versionId.split('.')[0]!,
  matcher,
};

function matcher({ feed, shard, inventory, all }: MatchContext): Matcher {
  const { repository } = (inventory.context?.['testrix'] ?? {}) as { repository?: string };
  const channel = repository && feed.row<{ id: string; channel: string }>(table.name, repository)?.channel;
  const rowsOf = (pkg: InstalledPackage) =>
    (shard.package(pkg.name)?.claims ?? []).filter((claim) => !claim.channel || claim.channel === channel);
  return {
    match(pkg) {
      const rows = rowsOf(pkg).flatMap((claim) => {
        const outcome = outcomeOf(claim, pkg.version);
        if (!all && outcome.status === 'fixed') return [];
        const evidence = shard.evidence(claim);
        return {
          model: modelOf(pkg, claim, shard.platform.id, outcome),
          ids: claim.ids,
          evidence: claim.ids.map((id) => evidence(pkg.name, id)),
        };
      });
      return matchOf(pkg, rows, unreadIn([shard.record(pkg.name)]));
    },
    rule(pkg, vulnerability) {
      const named = rowsOf(pkg).filter(({ ids }) => ids.includes(vulnerability));
      if (named.length === 0) return undefined;
      const fixes = named.flatMap(({ fixed }) => fixed ?? []);
      return {
        fixes: fixes.map((version) => ({
          version,
          installed: pkg.version,
          comparison: compareRpmEvr(pkg.version, version),
        })),
        otherwise: { status: 'affected', fixState: fixes.length > 0 ? 'available' : 'none_yet' },
      };
    },
  };
}

type Outcome = Pick<Verdict, 'status' | 'fixState' | 'fixedVersion'>;

function outcomeOf({ status, fixed, fixState }: ShardClaim, installed: string): Outcome {
  if (fixed === undefined) return { status, ...(fixState ? { fixState } : {}) };
  return compareRpmEvr(installed, fixed) === -1
    ? { status: 'affected', fixState: 'available', fixedVersion: fixed }
    : { status: 'fixed', fixedVersion: fixed };
}

function modelOf(
  pkg: InstalledPackage,
  { severity = 'unknown', advisories = [], channel }: ClaimKind & Pick<ShardClaim, 'advisories'>,
  platform: string,
  outcome: Outcome,
): Verdict {
  return {
    vulnerability: '',
    platform,
    package: pkg,
    ...outcome,
    severity,
    advisories,
    marks: [],
    ...(channel ? { channel } : {}),
    evidence: '',
  };
}

const oval: DistroOval = {
  id: 'testrix',
  forms(context) {
    const forms = [form(context, 'fixed'), form(context, 'unfixed')];
    context.inexact.general(
      'extras',
      'Rows of the channel extras are in no file.',
      forms.map(({ suffix }) => suffix),
    );
    return forms;
  },
  cpe: ({ os }) => `cpe:/o:testrix:testrix:${os.version}`,
  pages: { flaws: 'https://testrix.example/cve/', advisories: { TRSA: 'https://testrix.example/advisory/' } },
};

function form(context: FormContext, selection: Selection): OvalForm {
  const { platform } = context.index;
  const anything = { comment: 'an rpm is listed', object: { kind: 'rpm', name: { pattern: '.' } } } as const;
  return new OvalForm(context, {
    suffix: selection === 'fixed' ? 'oval' : 'unfixed.oval',
    selection,
    head: [
      inventoryDefinition(platform, context.cpe, osReleaseTest(platform)),
      coverageDefinition(platform, anything),
    ],
    installed: ({ package: name }) => ({
      test: { comment: `${name} is installed`, object: { kind: 'rpm', name } },
    }),
    ways: ({ package: name }) => {
      const object: RpmObject = { kind: 'rpm', name };
      return ({ claims }) =>
        claims.flatMap((claim): Way[] => {
          if (claim.channel || (claim.fixed === undefined) === (selection === 'fixed')) return [];
          const below = claim.fixed && rpmLimit(claim.fixed);
          const test = below
            ? {
                comment: `${name} is earlier than ${below}`,
                object,
                state: { kind: 'rpm', evr: { type: 'evr_string', below } } as const,
              }
            : { comment: `${name} is installed`, object };
          return [{ claim, item: { test } }];
        });
    },
  });
}

/** A distribution of rpm packages, with a table of its own and a context that images tell. */
export const testrix: MadeUpDistro = {
  source: createSource(definition as Definition, [table]),
  judge,
  image,
  oval,
};
