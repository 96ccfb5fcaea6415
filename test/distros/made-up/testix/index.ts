import type { Judge, MatchContext } from '../../../../src/distros/contract.ts';
import { sourceMatcher } from '../../../../src/distros/shared/match-source.ts';
import { noteDpkgCauses, waysOf } from '../../../../src/distros/shared/oval/dpkg-ways.ts';
import { judgePlainRows } from '../../../../src/distros/shared/plain-rows.ts';
import { plainThreshold } from '../../../../src/distros/shared/threshold.ts';
import { kindOf } from '../../../../src/feed/read/shard-records.ts';
import type { DistroOval } from '../../../../src/oval/forms/distro-oval.ts';
import type { DpkgRule } from '../../../../src/oval/forms/dpkg-rule.ts';
import { inStatus, sourceForms } from '../../../../src/oval/forms/dpkg-source-form.ts';
import { dpkgInstalled } from '../../../../src/packaging/deb/version.ts';
import { createSource, type Definition } from '../advisory-source.ts';
import type { MadeUpDistro } from '../distro.ts';
import definition from './definition.json' with { type: 'json' };

const judge: Judge = { id: 'testix', databases: ['deb'], matcher };

function matcher({ shard, all }: MatchContext) {
  return sourceMatcher(
    {
      rowsFor: ({ version }) => ({ shard, version, marks: [] }),
      installed: dpkgInstalled,
      packager: 'dpkg',
      judge: (claims, tables, { installed }) => judgePlainRows(claims, tables, installed, all),
      threshold: (named, _, tables) =>
        plainThreshold(named.map((claim) => ({ kind: kindOf(claim, tables), claim }))),
    },
    all,
  );
}

const rule: DpkgRule = {
  ways: (_, { claims }) =>
    waysOf(plainThreshold(claims.map((claim) => ({ kind: claim, claim }))), ({ row }) => row.claim),
};

const oval: DistroOval = {
  id: 'testix',
  forms(context) {
    const forms = sourceForms(context, rule, inStatus);
    noteDpkgCauses(
      context.inexact,
      forms.map(({ suffix }) => suffix),
    );
    return forms;
  },
  cpe: ({ os }) => `cpe:/o:testix:testix:${os.version}`,
  pages: { flaws: 'https://testix.example/cve/', advisories: { TXA: 'https://testix.example/advisory/' } },
};

/** A distribution of dpkg packages. Images without os-release are recognised by `/etc/testix_version`. */
export const testix: MadeUpDistro = {
  source: createSource(definition as Definition),
  judge,
  image: {
    id: 'testix',
    release: {
      files: [
        {
          path: '/etc/testix_version',
          parse: (text) => ({ id: 'testix', versionId: text.trim() }),
        },
      ],
    },
  },
  oval,
};
