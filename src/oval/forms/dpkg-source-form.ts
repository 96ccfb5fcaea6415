import type { PlatformIndex, ShardClaim } from '../../model/feed/index.ts';
import type { Criterion, Test, TextObject } from '../document/components.ts';
import {
  anythingInManifest,
  anythingInStatus,
  anythingInStatusDirectory,
  platformInManifest,
  sourceInManifest,
  sourceInStatus,
  sourceInStatusDirectory,
} from './dpkg-patterns.ts';
import type { DpkgBuild, DpkgRule, DpkgWay } from './dpkg-rule.ts';
import { type FormContext, OvalForm, once } from './form.ts';
import { noteUnparsable } from './inexact.ts';
import { coverageDefinition, inventoryDefinition, osReleaseTest } from './release.ts';
import type { Selection, Way } from './rows.ts';

/** A place of source versions, and how the release and any package are found there. */
interface SourcePlace {
  /** Prefix of the file's suffix: `status-d.`. */
  prefix: string;
  object(source: string, build: DpkgBuild | undefined): TextObject;
  anything(): TextObject;
  release(index: PlatformIndex): Test;
}

const ofSystem = ({ platform }: PlatformIndex) => osReleaseTest(platform);

/** /var/lib/dpkg/status of an installed system or an image made from one. */
export const inStatus: SourcePlace = {
  prefix: '',
  object: sourceInStatus,
  anything: anythingInStatus,
  release: ofSystem,
};

/** /var/lib/dpkg/status.d of distroless images. */
export const inStatusDirectory: SourcePlace = {
  prefix: 'status-d.',
  object: sourceInStatusDirectory,
  anything: anythingInStatusDirectory,
  release: ofSystem,
};

/** The text manifest of an inventory, for oscap runs that see no root file system. */
export const inManifest: SourcePlace = {
  prefix: 'manifest.',
  object: sourceInManifest,
  anything: anythingInManifest,
  release: ({ platform }) => ({
    comment: `the manifest is of ${platform.name}`,
    object: platformInManifest(platform.id),
  }),
};

/** The two exact files that read source versions from a place: flaws with a fix, and flaws without. */
export function sourceForms(context: FormContext, rule: DpkgRule, place: SourcePlace): OvalForm[] {
  return [sourceForm(context, rule, place, 'fixed'), sourceForm(context, rule, place, 'unfixed')];
}

function sourceForm(
  context: FormContext,
  rule: DpkgRule,
  place: SourcePlace,
  selection: Selection,
): OvalForm {
  const { index, inexact, cpe } = context;
  const suffix = `${place.prefix}${selection === 'fixed' ? '' : 'unfixed.'}oval`;
  const anything = { comment: 'an installed package is listed', object: place.anything() };
  return new OvalForm(context, {
    suffix,
    selection,
    head: [
      inventoryDefinition(index.platform, cpe, place.release(index)),
      coverageDefinition(index.platform, anything),
    ],
    ways: (line) => {
      const shared = new SharedCriteria(line.package, place);
      const subject = context.subjectOf(line.package);
      // Rows with a single claim have equal tests for all vulnerabilities: most rows are such.
      const ofClaim = new Map<ShardClaim, Way[]>();
      return (row) => {
        const only = row.claims.length === 1 ? row.claims[0] : undefined;
        const known = only && ofClaim.get(only);
        if (known) return known;
        const ways = rule.ways(line, row);
        if (typeof ways === 'string') {
          noteUnparsable(inexact, suffix, row.vulnerability, subject);
          return [];
        }
        const ours = ways.filter((way) => way.selection === selection).map((way) => shared.way(way));
        if (only) ofClaim.set(only, ours);
        return ours;
      };
    },
    installed: ({ package: source }) => ({
      test: sourceTest(source, undefined, place.object(source, undefined), undefined),
    }),
  });
}

/** The objects and criteria of one source, each made once. */
class SharedCriteria {
  readonly #source: string;
  readonly #place: SourcePlace;
  readonly #objects = new Map<string, TextObject>();
  readonly #criteria = new Map<string, Criterion>();

  constructor(source: string, place: SourcePlace) {
    this.#source = source;
    this.#place = place;
  }

  way({ build, below, claim }: DpkgWay): Way {
    const object = once(this.#objects, build?.name ?? '', () => this.#place.object(this.#source, build));
    const test = () => sourceTest(this.#source, build, object, below);
    return { claim, item: once(this.#criteria, `${build?.name ?? ''} ${below}`, () => ({ test: test() })) };
  }
}

function sourceTest(
  source: string,
  build: DpkgBuild | undefined,
  object: TextObject,
  below: string | undefined,
): Test {
  const what = build ? `${source} source of a build of kind ${build.name}` : `${source} source`;
  if (below === undefined) return { comment: `${what} is installed`, object };
  const state = { kind: 'text', capture: { type: 'debian_evr_string', below } } as const;
  return { comment: `${what} is earlier than ${below}`, object, state };
}
