import type { FleetEvidence } from '../../model/fleet/index.ts';
import { evidenceRows } from './evidence-rows.ts';
import { csvOf } from './fleet-csv.ts';

/** A row for each verdict of each image, and one for each name of which it is not known. */
export function evidenceCsv(evidence: FleetEvidence): string {
  const { vulnerability, asOf, nights, unknown } = evidence;
  const feeds = new Map(nights.map(({ run, feed }) => [run, feed]));
  const head = [
    ...[
      'vulnerability',
      'as_of',
      'names',
      'digest',
      'package',
      'version',
      'arch',
      'source',
      'state',
      'since',
      'until',
    ],
    ...[
      'status',
      'severity',
      'exploited',
      'fix_state',
      'fixed_version',
      'advisories',
      'waivers',
      'feed',
      'detail',
    ],
  ];
  return csvOf(head, [
    ...evidenceRows(evidence).map(({ names, image, package: pkg, verdict, from, to, state }) => [
      ...[
        vulnerability,
        asOf,
        names.join(' '),
        image.digest,
        pkg.name,
        pkg.version,
        pkg.arch,
        pkg.source,
        state,
        from,
        to,
      ],
      ...[
        verdict.status,
        verdict.severity,
        String(verdict.exploited),
        verdict.fixState,
        verdict.fixedVersion,
      ],
      ...[
        verdict.advisories.join(' '),
        image.waivers.join(' '),
        feeds.get(verdict.from)?.digest,
        verdict.reason,
      ],
    ]),
    ...unknown.map(({ reference, digest, state, detail }) => [
      ...[vulnerability, asOf, reference, digest, null, null, null, null, state, null, null],
      ...[null, null, null, null, null, null, null, null, detail],
    ]),
  ]);
}
