/** An advisory as a vendor's OVAL has it. */
export interface PatchDefinition {
  advisory: string;
  cves?: readonly string[];
  severity?: string;
  /** `name < epoch:version-release`, then architectures (`aarch64|x86_64`) and a module (`nodejs:18`), if any. */
  rows: readonly string[];
  /** Address of its page. */
  page?: string;
  /** Criteria that replace those of the rows; tests are named `package-N`, `key`, `installed`, `absent`, `module-N`. */
  criteria?: string;
  kind?: string;
}

const namespaces = [
  'xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5"',
  'xmlns:red-def="http://oval.mitre.org/XMLSchema/oval-definitions-5#linux"',
  'xmlns:ind-def="http://oval.mitre.org/XMLSchema/oval-definitions-5#independent"',
  'xmlns:unix-def="http://oval.mitre.org/XMLSchema/oval-definitions-5#unix"',
].join(' ');

export function criterion(test: string, more = ''): string {
  return `<criterion test_ref="${test}"${more}/>`;
}

export function criteria(operator: string, ...children: readonly string[]): string {
  return `<criteria operator="${operator}">${children.join('')}</criteria>`;
}

/** Ids of a definition's own tests have its place in front. */
const own = (at: number, test: string) => `oval:made.up:tst:${at}-${test}`;

/** A vendor's OVAL of patches for one release of an rpm system, in the form of AlmaLinux's. */
export function patchOval(definitions: readonly PatchDefinition[], extra = ''): string {
  const sections = { definitions: '', tests: '', objects: '', states: '' };
  const test = (id: string, kind: string, check: string, object: string, state: string) => {
    const [prefix] = kind.split(':');
    sections.tests += `<${kind}_test id="${id}" version="1" check="${check}" comment=""><${prefix}:object object_ref="${id}-o"/><${prefix}:state state_ref="${id}-s"/></${kind}_test>`;
    sections.objects += `<${kind}_object id="${id}-o" version="1">${object}</${kind}_object>`;
    sections.states += `<${kind}_state id="${id}-s" version="1">${state}</${kind}_state>`;
  };
  for (const [at, definition] of definitions.entries()) {
    const { advisory, cves = [], rows } = definition;
    const red = (name: string, text: string, operation = '') =>
      `<red-def:${name}${operation && ` operation="${operation}"`}>${text}</red-def:${name}>`;
    const release = red('filepath', '/etc/made-release');
    test(
      own(at, 'installed'),
      'red-def:rpmverifyfile',
      'at least one',
      release,
      red('name', '^made-release', 'pattern match'),
    );
    test(
      own(at, 'absent'),
      'red-def:rpmverifyfile',
      'none satisfy',
      release,
      red('name', '^made-release', 'pattern match'),
    );
    const branches = rows.map((row, index) => {
      const [name = '', , below = '', ...rest] = row.split(' ');
      const module = rest.find((word) => word.includes(':'));
      const arch = rest.find((word) => !word.includes(':'));
      test(
        own(at, `package-${index}`),
        'red-def:rpminfo',
        'at least one',
        red('name', name),
        (arch === undefined ? '' : red('arch', arch, 'pattern match')) +
          `<red-def:evr datatype="evr_string" operation="less than">${below}</red-def:evr>`,
      );
      test(
        own(at, `key-${index}`),
        'red-def:rpminfo',
        'at least one',
        red('name', name),
        red('signature_keyid', '0123456789abcdef'),
      );
      const [modName = '', stream = ''] = (module ?? ':').split(':');
      test(
        own(at, `module-${index}`),
        'ind-def:textfilecontent54',
        'all',
        `<ind-def:filepath>/etc/dnf/modules.d/${modName}.module</ind-def:filepath><ind-def:pattern operation="pattern match">\\[${modName}\\][\\w\\W]*</ind-def:pattern><ind-def:instance datatype="int">1</ind-def:instance>`,
        `<ind-def:text operation="pattern match">\\nstream\\s*=\\s*${stream.replaceAll('.', '\\.')}\\b[\\w\\W]*\\nstate\\s*=\\s*(enabled|1|true)|\\nstate\\s*=\\s*(enabled|1|true)[\\w\\W]*\\nstream\\s*=\\s*${stream.replaceAll('.', '\\.')}\\b</ind-def:text>`,
      );
      const key = criterion(own(at, `key-${index}`));
      return criteria(
        'AND',
        ...(module === undefined ? [] : [criterion(own(at, `module-${index}`))]),
        criterion(own(at, `package-${index}`)),
        criteria('OR', key, key),
      );
    });
    const whole = criteria(
      'OR',
      criterion(own(at, 'absent')),
      criteria('AND', criterion(own(at, 'installed')), criteria('OR', ...branches)),
    );
    const named = definition.criteria?.replaceAll(
      /test_ref="([^"]+)"/g,
      (_, id: string) => `test_ref="${own(at, id)}"`,
    );
    const page = definition.page ?? `https://errata.example.test/${advisory}`;
    sections.definitions += [
      `<definition id="oval:made.up:def:${at}" version="1" class="${definition.kind ?? 'patch'}"><metadata>`,
      `<title>${advisory}: an update (${definition.severity ?? 'Important'})</title>`,
      `<reference ref_id="${advisory}" source="${advisory.slice(0, 4)}" ref_url="${page}"/>`,
      ...cves.map((cve) => `<reference ref_id="${cve}" source="CVE" ref_url=""/>`),
      `<description>* a flaw (${cves[0] ?? ''})</description>`,
      `<advisory from="made up"><severity>${definition.severity ?? 'Important'}</severity><issued date="2024-05-02"/><updated date="2024-05-03"/></advisory>`,
      `</metadata>${named ?? whole}</definition>`,
    ].join('');
  }
  const parts = Object.entries(sections).map(([name, text]) => `<${name}>${text}</${name}>`);
  return `<?xml version="1.0" encoding="utf-8"?>\n<oval_definitions ${namespaces}>${parts.join('\n')}${extra}</oval_definitions>\n`;
}
