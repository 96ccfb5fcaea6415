import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { wantedInspection, wantedPredicate } from '../../../src/comply/files/wanted-files.ts';
import { OvalEngine } from '../../../src/comply/oval/engine.ts';
import { lookupOf } from '../../../src/comply/oval/lookup.ts';
import { emptyOvalDocument, type OvalDocument, type OvalObject } from '../../../src/comply/oval/model.ts';
import { readOval } from '../../../src/comply/oval/read-oval.ts';
import { imageCollector } from '../../../src/comply/probes/image-collector.ts';
import { wantedFiles } from '../../../src/comply/probes/wanted.ts';
import { openImage } from '../../../src/image/index.ts';
import { imageLayout, writeFiles } from '../../image/support/make-image.ts';
import { file, symlink, type TarInput } from '../../image/support/make-tar.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const oval = 'http://oval.mitre.org/XMLSchema/oval-definitions-5';

/** The digest of `path` is that of `content`. */
function hashCheck(path: string, content: string, type = 'SHA-256', algorithm = 'sha256'): OvalDocument {
  const hash = createHash(algorithm).update(content).digest('hex');
  const source = `<oval_definitions xmlns="${oval}" xmlns:ind="${oval}#independent">
<definitions><definition id="oval:x:def:1" version="1" class="compliance"><criteria><criterion test_ref="oval:x:tst:1"/></criteria></definition></definitions>
<tests><ind:filehash58_test id="oval:x:tst:1" version="1" check="all" check_existence="at_least_one_exists" comment="c"><ind:object object_ref="oval:x:obj:1"/><ind:state state_ref="oval:x:ste:1"/></ind:filehash58_test></tests>
<objects><ind:filehash58_object id="oval:x:obj:1" version="1"><ind:filepath>${path}</ind:filepath><ind:hash_type>${type}</ind:hash_type></ind:filehash58_object></objects>
<states><ind:filehash58_state id="oval:x:ste:1" version="1"><ind:hash>${hash}</ind:hash></ind:filehash58_state></states>
</oval_definitions>`;
  return readOval(Buffer.from(source), 'oval.xml');
}

async function evaluate(document: OvalDocument, layers: TarInput[][], hashed = true) {
  const wanted = wantedFiles([document], new Map());
  const inspection = hashed ? wantedInspection(wanted) : undefined;
  const image = await openImage(`oci:${writeFiles(temporaryFolder(), imageLayout({ layers }))}`, {
    wanted: wantedPredicate(wanted),
    // So little that no content may be kept.
    limits: { wantedFileBytes: 2 },
    ...(inspection === undefined ? {} : { inspection }),
  });
  const collect = imageCollector({ files: image.files, env: [], packages: () => [] });
  return new OvalEngine({ document: lookupOf(document), collect }).definition('oval:x:def:1');
}

describe('filehash58 on layers, without the contents', () => {
  it.each<[string, OvalDocument, TarInput[][], string]>([
    ['the same', hashCheck('/opt/x', 'one'), [[file('opt/x', 'one')]], 'true'],
    ['another', hashCheck('/opt/x', 'one'), [[file('opt/x', 'two')]], 'false'],
    [
      'the upper layer decides',
      hashCheck('/opt/x', 'one'),
      [[file('opt/x', 'one')], [file('opt/x', 'two')]],
      'false',
    ],
    ['nothing there', hashCheck('/opt/x', 'one'), [[file('opt/y', 'one')]], 'false'],
    [
      'in another algorithm',
      hashCheck('/opt/x', 'one', 'SHA-512', 'sha512'),
      [[file('opt/x', 'one')]],
      'true',
    ],
    [
      'through a link',
      hashCheck('/bin/x', 'one'),
      [[symlink('bin', 'usr/bin'), file('usr/bin/x', 'one')]],
      'true',
    ],
  ])('%s', async (_, document, layers, result) => {
    expect(await evaluate(document, layers)).toBe(result);
  });

  it('is unknown where nothing was hashed', async () => {
    expect(await evaluate(hashCheck('/opt/x', 'one'), [[file('opt/x', 'one')]], false)).toBe('unknown');
  });
});

describe('what is hashed', () => {
  const rpm = (
    behaviors: Record<string, string>,
    filepath: OvalObject['entities'][number],
  ): OvalDocument => ({
    ...emptyOvalDocument(),
    objects: { o: { type: 'linux/rpmverifyfile', behaviors, entities: [filepath] } as unknown as OvalObject },
  });
  const below = { name: 'filepath', operation: 'pattern match', value: '^/usr/.+$' };

  it.each<[string, OvalDocument, string[] | undefined, string[], string[]]>([
    ['files of packages, by their paths', rpm({}, below), ['md5', 'sha256'], ['/usr/bin/x'], ['/etc/x']],
    ['none where digests are left out', rpm({ nomd5: 'true' }, below), undefined, [], ['/usr/bin/x']],
    [
      'all where only the image tells the paths',
      rpm({}, { name: 'filepath', variable: 'v' }),
      ['md5', 'sha256'],
      ['/any'],
      [],
    ],
    ['one algorithm that is named', hashCheck('/opt/x', ''), ['sha256'], ['/opt/x'], ['/opt/y']],
  ])('%s', (_, document, algorithms, hashed, passedOver) => {
    const inspection = wantedInspection(wantedFiles([document], new Map()));

    expect(inspection?.digests).toEqual(algorithms);
    expect(hashed.every((path) => inspection?.files(path))).toBe(true);
    expect(passedOver.some((path) => inspection?.files(path) === true)).toBe(false);
  });
});
