import { type AcceptedGate, compareCodeUnits } from '../../model/index.ts';
import type { FeedPart } from '../feed/part.ts';
import type { GateFinding, GateName } from './gates.ts';

/** An override of a gate: `--accept GATE[:PLATFORM] --reason TEXT`. */
export interface GateAcceptance {
  gate: GateName;
  /** Default: every platform. */
  platform?: string;
  reason: string;
}

/** The results of the gates for one publication. */
export interface GateReport {
  date: string;
  /** Platforms that were not published, with every reason. */
  held: Record<string, GateFinding[]>;
  /** Findings that a person accepted. */
  accepted: AcceptedGate[];
  /** Inputs whose newer version was rejected. They hold a platform back only when they are late. */
  kept: KeptInput[];
}

/** An input that is the last good version of its document. */
export interface KeptInput {
  id: string;
  /** Error code for which the newer version was rejected. */
  refused: string;
  /** Date of the version in use, ISO 8601 UTC. Absent if the document has none. */
  date?: string;
  /** Platforms of the feeds to publish. */
  platforms: string[];
}

/** A feed that breaks its own schema cannot be accepted: clients would fail or misread it. */
export function canAccept(gate: GateName): boolean {
  return gate !== 'validity';
}

/** Splits findings into held back and accepted ones. */
export function sortFindings(
  findings: readonly GateFinding[],
  acceptances: readonly GateAcceptance[],
  date: string,
): Pick<GateReport, 'date' | 'held' | 'accepted'> {
  const held: GateReport['held'] = {};
  const accepted: AcceptedGate[] = [];
  for (const finding of findings) {
    const { gate, platform, message } = finding;
    const acceptance = acceptances.find(
      (candidate) => candidate.gate === gate && (candidate.platform ?? platform) === platform,
    );
    if (acceptance && canAccept(gate)) {
      accepted.push({ gate, platform, found: message, reason: acceptance.reason });
    } else {
      held[platform] = [...(held[platform] ?? []), finding];
    }
  }
  const sorted = Object.entries(held).sort(([a], [b]) => compareCodeUnits(a, b));
  return { date, held: Object.fromEntries(sorted), accepted };
}

/** The inputs of these feeds that are last good versions, each once. */
export function keptInputs(parts: readonly FeedPart[]): KeptInput[] {
  const kept = new Map<string, KeptInput>();
  for (const { platform, manifest } of parts) {
    for (const { id, refused, date, sha256 } of manifest.inputs) {
      if (refused === undefined) continue;
      const key = `${id} ${sha256}`;
      const input = kept.get(key) ?? { id, refused, ...(date && { date }), platforms: [] };
      input.platforms.push(platform);
      kept.set(key, input);
    }
  }
  return [...kept].sort(([a], [b]) => compareCodeUnits(a, b)).map(([, input]) => input);
}

export function keptText({ id, refused, date, platforms }: KeptInput): string {
  const [first, second, ...more] = platforms;
  const others = more.length > 0 ? `${second} and ${more.length} more` : second;
  const used = [first, others].filter(Boolean).join(', ');
  return `${id}: the newest version was refused (${refused}), the last good one${date ? ` of ${date}` : ''} is in ${used}`;
}

/** What was held back and why, a line each. */
export function heldText({ held }: Pick<GateReport, 'held'>): string {
  return Object.values(held)
    .flat()
    .map(({ platform, gate, message }) => `held back: ${platform}, gate ${gate}: ${message}\n`)
    .join('');
}

/** Formats the report as text. */
export function gateText({ held, accepted, kept }: GateReport): string {
  const lines = [
    heldText({ held }),
    ...accepted.map(
      ({ platform, gate, found, reason }) =>
        `accepted: ${platform}, gate ${gate}: ${found}; reason given: ${reason}\n`,
    ),
    ...kept.map((input) => `kept: ${keptText(input)}\n`),
  ];
  return lines.join('');
}
