import { type PackageStatement, placeOf, type Row } from '../../sources/csaf/rows.ts';

/** Channels in which a release goes on after its own support; a flaw that is fixed there is in the release itself. */
const laterChannels = ['ltss', 'ltss-es', 'espos'];

/** Repeats statements of later channels for the release itself, whose packages have the same flaws; their fixes must be bought. */
export function ofTheRelease(statements: readonly PackageStatement[]): PackageStatement[] {
  const known = new Set(statements.map((statement) => placeOf(statement)));
  return laterChannels.flatMap((channel) =>
    statements.flatMap((statement) => {
      const { claim } = statement;
      if (claim.channel !== channel || claim.status === 'not_affected') return [];
      const place = placeOf(statement, '');
      if (known.has(place)) return [];
      known.add(place);
      const { channel: _, fixed, advisories: __, ...rest } = claim;
      const told: Row['claim'] =
        fixed === undefined
          ? { ...rest, marks: ['inferred'] }
          : {
              ...rest,
              status: 'affected',
              fixState: 'other_channel',
              channelFix: fixed,
              reason: channel,
              marks: ['inferred'],
            };
      return [{ ...statement, claim: told }];
    }),
  );
}
