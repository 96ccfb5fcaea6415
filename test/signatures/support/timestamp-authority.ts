import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../../support/temporary.ts';

const run = promisify(execFile);

export interface AuthorityOptions {
  /** Purpose of its certificate. Default: timestamps alone. */
  purpose?: string;
}

/** A timestamp authority below a root of its own, by OpenSSL. */
export class TimestampAuthority {
  readonly root: Buffer;
  #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.root = readFileSync(join(folder, 'root.crt'));
  }

  /** A token over some bytes. */
  async stamp(bytes: Buffer): Promise<Buffer> {
    writeFileSync(join(this.#folder, 'data'), bytes);
    await this.#openssl('ts', '-query', '-data', 'data', '-sha256', '-cert', '-out', 'query');
    const answer = ['-config', 'ts.cnf', '-queryfile', 'query', '-token_out', '-out', 'token'];
    await this.#openssl('ts', '-reply', ...answer);
    return readFileSync(join(this.#folder, 'token'));
  }

  /** `true` if OpenSSL verifies the token. */
  async accepts(token: Buffer, bytes: Buffer, root = this.root): Promise<boolean> {
    for (const [name, content] of Object.entries({ data: bytes, token, 'trusted.crt': root })) {
      writeFileSync(join(this.#folder, name), content);
    }
    const given = ['-data', 'data', '-in', 'token', '-token_in', '-CAfile', 'trusted.crt'];
    return this.#openssl('ts', '-verify', ...given).then(
      () => true,
      () => false,
    );
  }

  async #openssl(...args: string[]): Promise<void> {
    await run('openssl', args, { cwd: this.#folder });
  }
}

export async function newTimestampAuthority({
  purpose = 'critical,timeStamping',
}: AuthorityOptions = {}): Promise<TimestampAuthority> {
  const folder = temporaryFolder('tsa');
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  writeFileSync(join(folder, 'serial'), '01\n');
  writeFileSync(
    join(folder, 'ts.cnf'),
    `[tsa]
default_tsa = lab
[lab]
serial = ${folder}/serial
signer_cert = ${folder}/tsa.crt
signer_key = ${folder}/tsa.key
certs = ${folder}/root.crt
default_policy = 1.2.3.4
digests = sha256
accuracy = secs:1
signer_digest = sha256
ess_cert_id_alg = sha256
`,
  );
  const key = ['-newkey', 'rsa:2048', '-nodes', '-sha256'];
  const root = ['-subj', '/C=US/O=lab/CN=TSA root', '-keyout', 'root.key', '-out', 'root.crt'];
  await openssl('req', '-x509', '-days', '2', ...key, ...root, '-addext', 'keyUsage=critical,keyCertSign');
  writeFileSync(join(folder, 'tsa.ext'), `extendedKeyUsage=${purpose}\nkeyUsage=critical,digitalSignature\n`);
  await openssl('req', ...key, '-subj', '/C=US/O=lab/CN=TSA', '-keyout', 'tsa.key', '-out', 'tsa.csr');
  const by = ['-CA', 'root.crt', '-CAkey', 'root.key', '-days', '2', '-sha256'];
  await openssl('x509', '-req', '-in', 'tsa.csr', ...by, '-extfile', 'tsa.ext', '-out', 'tsa.crt');
  return new TimestampAuthority(folder);
}
