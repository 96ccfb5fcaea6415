import {
  type FoundSignature,
  type ProvenTime,
  refusals,
  type SignatureForm,
  type SignaturePlace,
  type SignedResult,
  type Signer,
  type VerifiedSignature,
} from '../model/verdict/index.ts';
import { line } from './printable.ts';
import { signedVerdict } from './signed-verdict.ts';
import { plural } from './text-table.ts';

const forms: Readonly<Record<SignatureForm, string>> = {
  'sigstore-bundle': 'Sigstore bundle',
  'cosign-signature': 'cosign signature',
  'cosign-attestation': 'cosign attestation',
  notation: 'Notary Project signature',
  'simple-signing': 'OpenPGP signature',
};

const places: Readonly<Record<SignaturePlace, string>> = {
  referrer: 'as a referrer',
  'fallback-tag': 'under the tag for referrers',
  'legacy-tag': 'under a tag of its own',
  layout: 'in the layout',
  lookaside: 'in the lookaside folder',
};

/** Formats the signatures of an image as text: the verdict, the requirement, and the result of each signature. */
export function signedTable(result: SignedResult): string {
  const { tool, image, policy, asked, signatures, otherAttachments } = result;
  return [
    line(tool),
    line(image.reference),
    ...image.subjects.map(({ kind, digest }) => line(`  ${kind} ${digest}`)),
    ...(policy ? [line(`policy: ${policy.file}, ${policy.scope}`)] : []),
    ...asked.map((text) => line(`asked for: ${text}`)),
    '\n',
    ...signatures.flatMap(describe),
    ...(signatures.length > 0 ? ['\n'] : []),
    line(resultVerdict(result)),
    ...(otherAttachments > 0 ? [line(`${plural(otherAttachments, 'attachment')} of other kinds`)] : []),
  ].join('');
}

/** The result in a sentence. */
export function resultVerdict({ verdict, signatures }: SignedResult): string {
  return signedVerdict(
    verdict,
    signatures.map(({ outcome }) => outcome.state),
  );
}

function describe({ form, place, digest, at, requirement, outcome }: FoundSignature): string[] {
  const asked = requirement === undefined ? '' : ` for requirement ${requirement}`;
  const head = `${forms[form]} of the ${at.kind}, ${places[place]} (${digest})${asked}`;
  switch (outcome.state) {
    case 'verified':
      return [line(`VERIFIED  ${head}`), ...facts(outcome).map((text) => line(`  ${text}`))];
    case 'refused': {
      const { code, message } = outcome.refusal;
      return [line(`REFUSED   ${head}`), line(`  ${code}: ${refusals[code]}`), line(`  ${message}`)];
    }
    case 'not_asked':
      return [line(`NOT ASKED ${head}`), line(`  ${outcome.what}; not checked`)];
  }
}

function facts({ signer, times, log, statement, name, unchecked, logged }: VerifiedSignature): string[] {
  return [
    ...signerLines(signer),
    timeText(times),
    ...(log ?? []).map(({ index, id }) => `log: entry ${index} of ${id.slice(0, 16)}`),
    ...(name === undefined ? [] : [`signed as: ${name}`]),
    ...(unchecked ?? []).map((what) => `${what}: not checked`),
    ...(logged ?? []).map(({ code, message }) => `only logged: ${code}: ${message}`),
    ...(statement ? [`says: ${statement.predicateType}`] : []),
    ...(statement?.builder === undefined ? [] : [`builder: ${statement.builder}`]),
    ...(statement?.source === undefined ? [] : [`source: ${statement.source}`]),
    ...(statement?.materials ?? []).slice(0, 10).map((material) => `material: ${material}`),
  ];
}

function signerLines(signer: Signer): string[] {
  if (signer.kind === 'key') return [`key: ${signer.file} (${signer.key})`];
  if (signer.kind === 'x509') {
    if (signer.trusted === undefined) return [`signer: ${signer.subject}, whom nobody trusts`];
    return [`signer: ${signer.subject}`, `trusted by: ${signer.trusted} (${signer.file})`];
  }
  if (signer.kind === 'openpgp') {
    const user = signer.user === undefined ? '' : `${signer.user}, `;
    return [`signer: ${user}${signer.fingerprint} (${signer.file})`];
  }
  const { repository, commit, reference } = signer.source ?? {};
  const source = [repository, reference, commit].filter((part) => part !== undefined).join(' ');
  return [
    `signer: ${signer.identity}`,
    `issuer: ${signer.issuer}`,
    ...(source === '' ? [] : [`built from: ${source}`]),
    ...(signer.run === undefined ? [] : [`run: ${signer.run}`]),
  ];
}

function timeText(times: readonly ProvenTime[]): string {
  if (times.length === 0) return 'time: not proven';
  const words = {
    log: 'a transparency log',
    'timestamp-authority': 'a timestamp authority',
    'signing-authority': 'the signing authority',
  };
  return `time: ${times.map(({ at, by }) => `${at}, proven by ${words[by]}`).join('; ')}`;
}
