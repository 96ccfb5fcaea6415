import { escapeXml, escapeXmlLines } from '../../model/markup.ts';
import { xml, xmlHead } from '../xml-text.ts';

/** A tailoring file of one profile, as plain data. */
export interface TailoringData {
  /** The benchmark's file, and its id. */
  benchmark: { href: string; id?: string };
  /** ISO 8601 UTC. */
  time: string;
  profile: {
    id: string;
    title: string;
    /** The profile that this one changes. */
    extends?: string;
    selects: { id: string; selected: boolean }[];
    values: { id: string; value: string }[];
    refineValues: { id: string; selector: string }[];
    refineRules: { id: string; severity?: string; weight?: number; role?: string; selector?: string }[];
  };
}

/** An XCCDF 1.2 tailoring document. */
export function tailoringDocument({ benchmark, time, profile }: TailoringData): string {
  const { selects, values, refineValues, refineRules } = profile;
  const changes = [
    ...selects.map(({ id, selected }) => xml('select', { idref: id, selected: String(selected) })),
    ...values.map(({ id, value }) => xml('set-value', { idref: id }, escapeXmlLines(value))),
    ...refineValues.map(({ id, selector }) => xml('refine-value', { idref: id, selector })),
    ...refineRules.map(({ id, severity, weight, role, selector }) =>
      xml('refine-rule', { idref: id, selector, weight: weight?.toString(), severity, role }),
    ),
  ];
  const lines = [
    xml('benchmark', { href: benchmark.href, id: benchmark.id }),
    xml('version', { time }, '1'),
    `<Profile id="${escapeXml(profile.id)}"${profile.extends === undefined ? '' : ` extends="${escapeXml(profile.extends)}"`}>`,
    `  ${xml('title', {}, escapeXmlLines(profile.title))}`,
    ...changes.map((change) => `  ${change}`),
    '</Profile>',
  ];
  const body = lines.map((line) => `  ${line}\n`).join('');
  return `${xmlHead}<Tailoring xmlns="http://checklists.nist.gov/xccdf/1.2" id="xccdf_org.scapfeed_tailoring_default">\n${body}</Tailoring>\n`;
}
