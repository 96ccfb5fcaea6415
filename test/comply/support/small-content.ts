import { type LoadedContent, loadSource } from '../../../src/comply/content/load.ts';
import { readContent } from '../../../src/comply/content/read-content.ts';

const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';
const independent = `${oval}#independent`;

/** An OVAL document of one definition on lines of a file that a pattern finds. */
export function lineCheck(file: string, pattern: string, existence = 'at_least_one_exists'): string {
  return `<oval_definitions xmlns="${oval}" xmlns:ind="${independent}">
<definitions><definition id="oval:x:def:1" version="1" class="compliance"><criteria><criterion test_ref="oval:x:tst:1"/></criteria></definition></definitions>
<tests><ind:textfilecontent54_test id="oval:x:tst:1" version="1" check="all" check_existence="${existence}" comment="the line"><ind:object object_ref="oval:x:obj:1"/></ind:textfilecontent54_test></tests>
<objects><ind:textfilecontent54_object id="oval:x:obj:1" version="1"><ind:filepath>${file}</ind:filepath><ind:pattern operation="pattern match">${pattern}</ind:pattern><ind:instance datatype="int" operation="greater than or equal">1</ind:instance></ind:textfilecontent54_object></objects>
</oval_definitions>`;
}

/** An OVAL document of one definition on values that a path finds in a YAML file. */
export function yamlCheck(file: string, path: string, existence = 'at_least_one_exists'): string {
  return `<oval_definitions xmlns="${oval}" xmlns:ind="${independent}">
<definitions><definition id="oval:x:def:1" version="1" class="compliance"><criteria><criterion test_ref="oval:x:tst:1"/></criteria></definition></definitions>
<tests><ind:yamlfilecontent_test id="oval:x:tst:1" version="1" check="all" check_existence="${existence}" comment="the value"><ind:object object_ref="oval:x:obj:1"/></ind:yamlfilecontent_test></tests>
<objects><ind:yamlfilecontent_object id="oval:x:obj:1" version="1"><ind:filepath>${file}</ind:filepath><ind:yamlpath>${path}</ind:yamlpath></ind:yamlfilecontent_object></objects>
</oval_definitions>`;
}

/** An OVAL document of one definition on a file's being there. */
export function fileCheck(file: string): string {
  return `<oval_definitions xmlns="${oval}" xmlns:unix="${oval}#unix">
<definitions><definition id="oval:x:def:1" version="1" class="compliance"><criteria><criterion test_ref="oval:x:tst:1"/></criteria></definition></definitions>
<tests><unix:file_test id="oval:x:tst:1" version="1" check="all" check_existence="all_exist" comment="the file"><unix:object object_ref="oval:x:obj:1"/></unix:file_test></tests>
<objects><unix:file_object id="oval:x:obj:1" version="1"><unix:filepath>${file}</unix:filepath></unix:file_object></objects>
</oval_definitions>`;
}

/** A benchmark with these profiles, values and rules, whose checks are read from `oval.xml`. */
export function benchmark(inside: string): string {
  return `<Benchmark xmlns="http://checklists.nist.gov/xccdf/1.2" xmlns:html="http://www.w3.org/1999/xhtml" id="xccdf_x_benchmark_small"><title>Small</title><version>1</version>${inside}</Benchmark>`;
}

/** A rule on `oval:x:def:1`. */
export function rule(name: string, inside = '', attributes = ''): string {
  return `<Rule id="xccdf_x_rule_${name}" severity="medium" ${attributes}><title>Rule ${name}</title>${inside}<check system="${oval}"><check-content-ref href="oval.xml" name="oval:x:def:1"/></check></Rule>`;
}

export function smallContent(xccdf: string, document: string): LoadedContent {
  const local = (name: string) => (name === 'oval.xml' ? Buffer.from(document) : undefined);
  return loadSource(readContent(Buffer.from(xccdf), 'small.xml', { local }), {
    name: 'small.xml',
    sha256: '0'.repeat(64),
  });
}
