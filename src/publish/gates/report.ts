import { ScapfeedError } from '../../model/error.ts';
import type { AcceptedGate } from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
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
  return `${id}: the newest version was refused (${refused}), the last good one${date ? ` of ${date}` : ''} is in ${namesText(platforms)}`;
}

/** `rhel-8, rhel-9 and 7 more`. */
function namesText(platforms: readonly string[]): string {
  const [first, second, ...more] = platforms;
  const others = more.length > 0 ? `${second} and ${more.length} more` : second;
  return [first, others].filter(Boolean).join(', ');
}

/** A line for each reason for which platforms were held back: one document of a vendor can be that of all its platforms. */
export function heldLines({
  held,
}: Pick<GateReport, 'held'>): { platforms: string; gate: GateName; message: string }[] {
  const reasons = Map.groupBy(Object.values(held).flat(), ({ gate, message }) => `${gate} ${message}`);
  return [...reasons.values()].map((findings) => {
    const { gate, message } = findings[0]!;
    return { platforms: namesText([...new Set(findings.map(({ platform }) => platform))]), gate, message };
  });
}

/** The same for reasons that a person accepted. */
export function acceptedLines({
  accepted,
}: Pick<GateReport, 'accepted'>): (Omit<AcceptedGate, 'platform'> & { platforms: string })[] {
  const reasons = Map.groupBy(accepted, ({ gate, found, reason }) => JSON.stringify([gate, found, reason]));
  return [...reasons.values()].map((gates) => {
    const { gate, found, reason } = gates[0]!;
    return { platforms: namesText([...new Set(gates.map(({ platform }) => platform))]), gate, found, reason };
  });
}

/** The platforms that were held back, a line for each reason. */
export function heldText(report: Pick<GateReport, 'held'>): string {
  return heldLines(report)
    .map(({ platforms, gate, message }) => `held back: ${platforms}, gate ${gate}: ${message}\n`)
    .join('');
}

/** @throws {ScapfeedError} PUBLISH_HELD if platforms are held back and nothing else, and nothing earlier, is left to publish */
export function requireUnheld(parts: readonly FeedPart[], report: Pick<GateReport, 'held'>): void {
  const held = Object.keys(report.held);
  if (held.length === 0 || parts.some(({ manifest }) => manifest.platforms.length > 0)) return;
  const reasons = heldLines(report).map(
    ({ platforms, gate, message }) => `gate ${gate} (${platforms}): ${message}`,
  );
  throw new ScapfeedError({
    code: 'PUBLISH_HELD',
    message: `expected a platform that the gates let pass, as nothing is published yet, but ${reasons.join('; and ')}`,
    where: held.join(', '),
    remedy: 'fix the input, or let a gate pass with --accept GATE --reason TEXT',
  });
}

/** Formats the report as text. */
export function gateText(report: GateReport): string {
  const lines = [
    heldText(report),
    ...acceptedLines(report).map(
      ({ platforms, gate, found, reason }) =>
        `accepted: ${platforms}, gate ${gate}: ${found}; reason given: ${reason}\n`,
    ),
    ...report.kept.map((input) => `kept: ${keptText(input)}\n`),
  ];
  return lines.join('');
}
