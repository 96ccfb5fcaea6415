import type { GatedSignature } from '../../../../model/verdict/index.ts';
import type { ViewedImage } from '../../../view/image.ts';
import { type Html, html, joined, nothing } from '../../html.ts';
import { facts, notice, shortDigest, signedBadge } from '../../parts.ts';
import { table } from '../../table.ts';
import type { ImageView } from './view.ts';

/** Signers of the image, by the requirement of the last run that checked. */
export async function signaturesView({ signed }: ViewedImage): Promise<ImageView> {
  return {
    body: signed
      ? verdictPart(signed)
      : notice('plain', 'Nobody has looked at its signatures, so that nothing is known of them', [
          html`<code>scapfeed fleet run --require-signed POLICY</code> looks at them`,
        ]),
    tables: [
      table<GatedSignature>({
        name: 'signatures',
        caption: 'Signatures',
        empty: signed ? 'There is none of the kind that is asked for.' : 'Nobody has looked.',
        columns: [
          {
            key: 'state',
            title: 'State',
            value: ({ state }) => state,
            html: ({ state }) =>
              html`<span class="badge ${stateKinds[state]}">${state.replaceAll('_', ' ')}</span>`,
            kind: 'word',
          },
          {
            key: 'signer',
            title: 'Signed by',
            value: ({ signer }) => signer ?? null,
            html: ({ signer }) => signer ?? 'not known',
            kind: 'name',
          },
          {
            key: 'refusal',
            title: 'Refused because',
            value: ({ refusal }) => (refusal ? `${refusal.code}: ${refusal.message}` : null),
            html: ({ refusal }) =>
              refusal ? html`<code>${refusal.code}</code><small>${refusal.message}</small>` : nothing,
          },
          { key: 'form', title: 'Form', value: ({ form }) => form, kind: 'word' },
          { key: 'place', title: 'Found by', value: ({ place }) => place, kind: 'word' },
          {
            key: 'of',
            title: 'Of',
            value: ({ at }) => at.kind,
            html: ({ at }) => html`${at.kind}<small>${shortDigest(at.digest)}</small>`,
          },
          {
            key: 'digest',
            title: 'Digest',
            value: ({ digest }) => digest,
            html: ({ digest }) => shortDigest(digest),
          },
        ],
        rows: signed?.signatures ?? [],
      }),
    ],
  };
}

const stateKinds: Readonly<Record<string, string>> = {
  verified: 'pass',
  refused: 'fail',
  not_asked: 'other',
};

function verdictPart({ verdict, policy, asked, subjects }: NonNullable<ViewedImage['signed']>): Html {
  const lines = (items: readonly (string | Html)[]) => joined(items, '<br>');
  return html`<p></p>${facts([
    ['Verdict', signedBadge(verdict)],
    ['Policy', policy ? `${policy.file}, scope ${policy.scope}` : 'by options of the run'],
    ['Asked for', lines(asked)],
    ['Subjects', lines(subjects.map(({ kind, digest }) => html`${kind} ${shortDigest(digest)}`))],
  ])}`;
}
