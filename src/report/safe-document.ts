import { escapeXmlControls, logCommand } from '../model/markup.ts';
import { codeOf } from './printable.ts';
import type { ReportText } from './writers.ts';

/** As in printable.ts, without C0: documents have their own line breaks, and write other ones by numbers or not at all. */
const steering = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Functions that make the documents of a format safe to show; other formats are written for lines or pages, and are. */
const safeForms: Readonly<Record<string, (text: string) => string>> = {
  ...Object.fromEntries(
    [
      'json',
      'cyclonedx',
      'cyclonedx-1.7',
      'cyclonedx-vex',
      'spdx',
      'openvex',
      'csaf',
      'sarif',
      'gitlab',
      'copa',
      'dependency-track',
      'generic-findings',
    ].map((format) => [format, safeJson]),
  ),
  ...Object.fromEntries(['xccdf', 'oval', 'arf'].map((format) => [format, safeXml])),
  ...Object.fromEntries(['junit', 'atom'].map((format) => [format, shownXml])),
  // Its fields have no other way to write a character; what a terminal acts on is gone from them (manifest.ts).
  manifest: (text) =>
    text.replace(
      logCommand,
      lastBy(() => '_'),
    ),
};

/**
 * A report whose foreign texts steer neither the terminal nor the log of a CI run that it is printed to: what controls a terminal
 * or turns text around, and commands of CI runners, are written by their numbers. JSON and the XML of results keep their values; in
 * XML that people are shown, characters are named as `U+202E`.
 */
export function safeDocument(format: string, text: ReportText): ReportText {
  const safe = Object.hasOwn(safeForms, format) ? safeForms[format]! : undefined;
  if (safe === undefined) return text;
  return typeof text === 'string' ? safe(text) : eachPart(text, safe);
}

function* eachPart(parts: Iterable<string>, safe: (text: string) => string): Iterable<string> {
  for (const part of parts) yield safe(part);
}

/** JSON text outside strings has none of these; a string has no line that could begin with `::`. */
export function safeJson(text: string): string {
  return text.replace(steering, codeOf).replace(logCommand, lastBy(codeOf));
}

function safeXml(text: string): string {
  return text.replace(steering, reference).replace(logCommand, lastBy(reference));
}

function shownXml(text: string): string {
  return escapeXmlControls(text).replace(logCommand, lastBy(reference));
}

function lastBy(code: (character: string) => string) {
  return (found: string) => found.slice(0, -1) + code(found.at(-1)!);
}

function reference(character: string): string {
  return `&#${character.charCodeAt(0)};`;
}
