import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outcomesByMinor, rpmClaim } from '../../../src/distros/shared/oval/rpm-rule.ts';
import {
  type ImageStreams,
  type StreamRow,
  streamName,
  streamThreshold,
} from '../../../src/distros/shared/rule/threshold.ts';
import type { ShardClaim } from '../../../src/model/feed/index.ts';
import { compareRpmEvr } from '../../../src/packaging/rpm/version.ts';

type Facts = Partial<ShardClaim> & { kind?: StreamRow['place']['kind']; name?: string };

function row({ kind = 'source', name = 'gnutls', ...claim }: Facts) {
  return rpmClaim(
    { status: 'fixed', severity: 'medium', ids: [], ...claim },
    name,
    kind,
    kind === 'source' ? 'source' : 'own',
  );
}

const onMain: ImageStreams = { minor: 4, channels: new Set(), pinned: false };

/** `fixed from A or B, else affected available`. */
function text(
  rows: readonly ReturnType<typeof row>[],
  build = { minor: 4, own: false },
  image = onMain,
): string {
  const { fixes, below } = streamThreshold(rows, build, image)!;
  const from = fixes.map(({ claim }) => claim.fixed).join(' or ');
  const told = below?.fix && ` ${below.fix.claim.fixed} of ${streamName(below.fix, 9)}`;
  return `fixed from ${from || 'none'}, else ${below?.status} ${below?.fixState ?? ''}${told ?? ''}`;
}

describe('the threshold of a vulnerability on RHEL', () => {
  it('of several fixes of one stream the one that asks for most, whatever is installed', () => {
    const rows = [row({ minor: 4, fixed: '0:3.8.3-4.el9_4' }), row({ minor: 4, fixed: '0:3.8.3-6.el9_4' })];
    const most = 'fixed from 0:3.8.3-6.el9_4, else affected available 0:3.8.3-6.el9_4 of main-9.4';
    expect(text(rows)).toBe(most);
    expect(text(rows.toReversed())).toBe(most);
  });

  it("a source's fixes are compared without their epochs, which SOURCERPM has not", () => {
    const rows = [row({ fixed: '4:5.26-1.el9' }), row({ fixed: '0:5.26-2.el9' })];
    expect(text(rows)).toContain('fixed from 0:5.26-2.el9,');
    const binary = rows.map(({ claim }) => row({ ...claim, kind: 'binary' }));
    expect(text(binary)).toContain('fixed from 4:5.26-1.el9,');
  });

  it("a build of an extended channel's minor has that channel's fix, too", () => {
    const rows = [
      row({ minor: 2, channel: 'eus', fixed: '0:3.7.6-21.el9_2.3' }),
      row({ minor: 4, fixed: '0:3.8.3-4.el9_4' }),
    ];
    expect(text(rows, { minor: 2, own: true })).toBe(
      'fixed from 0:3.7.6-21.el9_2.3 or 0:3.8.3-4.el9_4, else affected available 0:3.8.3-4.el9_4 of main-9.4',
    );
    expect(text(rows, { minor: 2, own: false })).toContain('fixed from 0:3.8.3-4.el9_4,');
  });

  it("a layered product's fix is named by its CPE", () => {
    const channel = 'cpe:/a:redhat:openshift:4.16::el9';
    expect(streamName(row({ channel, fixed: '0:1-1.el9' }), 9)).toBe(channel);
    expect(text([row({ channel, fixed: '0:1-1.el9' }), row({ fixed: '0:2-1.el9' })])).toContain(
      'fixed from 0:1-1.el9,',
    );
  });

  it('an image that is held on its minor is told of the fix that it cannot get', () => {
    const rows = [row({ minor: 4, fixed: '0:3.8.3-4.el9_4' })];
    const held = { minor: 2, channels: new Set(['eus']), pinned: true };
    expect(text(rows, { minor: 2, own: false }, held)).toBe(
      'fixed from 0:3.8.3-4.el9_4, else affected other_channel 0:3.8.3-4.el9_4 of main-9.4',
    );
  });
});

const evrs = ['0:1-1.el9', '0:1-2.el9_2', '0:1-2.el9_2.1', '0:1-3.el9_4', '0:2-1.el9_4', '0:2-3.el9_6'];
const facts = fc.record({
  state: fc.constantFrom(
    { status: 'fixed' as const },
    { status: 'not_affected' as const },
    { status: 'under_investigation' as const },
    { status: 'affected' as const, fixState: 'none_yet' as const },
    { status: 'affected' as const, fixState: 'other_channel' as const },
  ),
  fixed: fc.constantFrom(...evrs),
  minor: fc.constantFrom(undefined, 2, 4, 6),
  channel: fc.constantFrom(undefined, undefined, 'eus'),
  kind: fc.constantFrom('binary' as const, 'other_source' as const),
});

describe('the threshold in its two readers', () => {
  it('a version is below the limit of OVAL just where the runtime calls it affected', () => {
    fc.assert(
      fc.property(fc.array(facts, { minLength: 1, maxLength: 4 }), fc.boolean(), (all, own) => {
        const rows = all.map(({ state, fixed, minor, channel, kind }) =>
          row({
            kind,
            name: kind,
            ...state,
            ...(state.status === 'fixed' && { fixed }),
            ...(minor !== undefined && { minor }),
            ...(channel && { channel }),
          }),
        );
        for (const { from, to, outcome } of outcomesByMinor(rows, own)) {
          for (const minor of [from, to ?? from + 3]) {
            const threshold = streamThreshold(rows, { minor, own }, onMain);
            for (const evr of evrs) {
              const reached = threshold?.fixes.some(({ claim }) => compareRpmEvr(evr, claim.fixed!) !== -1);
              const affected = !reached && threshold?.below?.status === 'affected';
              const isBelow =
                outcome !== undefined &&
                (outcome.limit === undefined || compareRpmEvr(evr, outcome.limit.below) === -1);
              expect(isBelow).toBe(affected);
            }
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});
