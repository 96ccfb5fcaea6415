import { escapeXml } from '../../model/markup.ts';
import type {
  AdvisoryFacts,
  ConstantVariable,
  DefinitionFacts,
  DpkgObject,
  EvrLimit,
  ObjectElement,
  Reference,
  RpmObject,
  RpmState,
  StateElement,
  TextObject,
  TextState,
} from './components.ts';
import { attribute } from './xml.ts';

/** An element without its id: the document gives ids by this content, so equal content is written once. */
export interface Element {
  /** `ind:textfilecontent54_object` */
  name: string;
  attributes: string;
  body: string;
}

/** Element names by kind: prefix and stem. */
const stems = { text: 'ind:textfilecontent54', dpkg: 'linux:dpkginfo', rpm: 'linux:rpminfo' } as const;

export function elementName(kind: keyof typeof stems, part: 'test' | 'object' | 'state'): string {
  return `${stems[kind]}_${part}`;
}

/** `variable` interns a variable and returns its id. */
export function renderObject(
  object: ObjectElement,
  variable: (variable: ConstantVariable) => string,
): Element {
  const body = object.kind === 'text' ? textObject(object) : nameEntity(object.name, variable);
  return { name: elementName(object.kind, 'object'), attributes: '', body };
}

function textObject({ file, pattern, singleline, instance }: TextObject): string {
  const behaviors = singleline ? '<ind:behaviors singleline="true" multiline="true"/>' : '';
  return (
    behaviors +
    fileEntities(file) +
    `<ind:pattern operation="pattern match">${escapeXml(pattern)}</ind:pattern>` +
    `<ind:instance datatype="int"${instance === 'every' ? ' operation="greater than or equal"' : ''}>1</ind:instance>`
  );
}

function fileEntities(file: TextObject['file']): string {
  if ('filepath' in file) return `<ind:filepath>${escapeXml(file.filepath)}</ind:filepath>`;
  const path = `<ind:path>${escapeXml(file.path)}</ind:path>`;
  if ('filename' in file) return `${path}<ind:filename>${escapeXml(file.filename)}</ind:filename>`;
  return `${path}<ind:filename operation="pattern match">${escapeXml(file.filenamePattern)}</ind:filename>`;
}

function nameEntity(
  name: RpmObject['name'] | DpkgObject['name'],
  variable: (v: ConstantVariable) => string,
): string {
  if (typeof name === 'string') return `<linux:name>${escapeXml(name)}</linux:name>`;
  if ('pattern' in name)
    return `<linux:name operation="pattern match">${escapeXml(name.pattern)}</linux:name>`;
  return `<linux:name var_ref="${variable(name)}" var_check="at least one"/>`;
}

export function renderState(state: StateElement): Element {
  return { name: elementName(state.kind, 'state'), attributes: '', body: stateBody(state) };
}

function stateBody(state: StateElement): string {
  if (state.kind === 'text') return textState(state);
  if (state.kind === 'dpkg') return evrEntity('linux:evr', state.evr);
  return rpmState(state);
}

function textState({ text, capture }: TextState): string {
  return patternEntity('ind:text', text) + (capture ? captureEntity(capture) : '');
}

function captureEntity(capture: NonNullable<TextState['capture']>): string {
  const name = 'ind:subexpression';
  return 'pattern' in capture ? patternEntity(name, capture.pattern) : evrEntity(name, capture);
}

/** In the schema's order of rpminfo_state: arch, release, version, evr, signature_keyid. */
function rpmState(state: RpmState): string {
  return (
    patternEntity('linux:arch', state.archPattern) +
    patternEntity('linux:release', state.releasePattern) +
    patternEntity('linux:version', state.versionPattern) +
    (state.evr ? evrEntity('linux:evr', state.evr) : '') +
    patternEntity('linux:signature_keyid', state.keyPattern)
  );
}

function patternEntity(name: string, pattern: string | undefined): string {
  return pattern === undefined ? '' : `<${name} operation="pattern match">${escapeXml(pattern)}</${name}>`;
}

function evrEntity(name: string, { type, below }: EvrLimit): string {
  return `<${name} datatype="${type}" operation="less than">${escapeXml(below)}</${name}>`;
}

export function renderVariable({ comment, values }: ConstantVariable): Element {
  const body = values.map((value) => `<value>${escapeXml(value)}</value>`).join('');
  return {
    name: 'constant_variable',
    attributes: ` datatype="string"${attribute('comment', comment)}`,
    body,
  };
}

/** The element `metadata` of a definition, without the parts that many of them share. */
export function renderMetadata(facts: DefinitionFacts, shared: SharedTexts): string {
  const { title, platform, product, references, description, advisory } = facts;
  let text =
    `<metadata><title>${escapeXml(title)}</title>` +
    `<affected family="unix"><platform>${shared.platform(platform)}</platform>`;
  if (product !== undefined) text += `<product>${escapeXml(product)}</product>`;
  text += '</affected>';
  for (const reference of references) text += shared.reference(reference);
  text += `<description>${escapeXml(description)}</description>`;
  if (advisory) text += renderAdvisory(advisory);
  return text + '</metadata>';
}

export interface SharedTexts {
  platform(name: string): string;
  reference(reference: Reference): string;
}

export function renderReference({ source, id, url }: Reference): string {
  const where = url ? attribute('ref_url', url) : '';
  return `<reference${attribute('source', source)}${attribute('ref_id', id)}${where}/>`;
}

/** The form of Red Hat's advisories, which oscap's reports and other tools read. */
function renderAdvisory({ severity, issued, cves, notes = [] }: AdvisoryFacts): string {
  let text = '<advisory>';
  if (severity) text += `<severity>${severity}</severity>`;
  if (issued) text += `<issued date="${escapeXml(issued)}"/>`;
  for (const { id, cvss3, public: published } of cves) {
    text += `<cve${cvss3 ? attribute('cvss3', cvss3) : ''}`;
    text += `${published ? attribute('public', published) : ''}>${escapeXml(id)}</cve>`;
  }
  for (const note of notes) text += `<note>${escapeXml(note)}</note>`;
  return text + '</advisory>';
}
