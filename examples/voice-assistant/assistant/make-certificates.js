// Certificates as the assistant's are: a root, an authority below it, and the signer. And those of others, to try the
// skill with. All are made anew by openssl, in a directory that goes away.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SIGNER = 'echo-api.amazon.com';

// Without a configuration of its own openssl adds extensions of the machine's.
const CONFIGURATION = '[req]\ndistinguished_name = names\n[names]\n';

const authority = (more = '') => [
  `basicConstraints=critical,CA:TRUE${more}`,
  'keyUsage=critical,keyCertSign',
];

const host = (name) => ['basicConstraints=critical,CA:FALSE', `subjectAltName=DNS:${name}`];

/**
 * A key and a certificate, `NAME.key` and `NAME.pem`; without an issuer it vouches for itself.
 * @param {string} directory @param {{name: string, subject: string, extensions: string[], issuer?: string}} wanted
 */
async function issue(directory, { name, subject, extensions, issuer }) {
  const file = (suffix) => join(directory, suffix);
  const by = issuer === undefined ? [] : ['-CA', file(`${issuer}.pem`), '-CAkey', file(`${issuer}.key`)];
  const made = ['-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)];
  const what = ['-subj', `/CN=${subject}`, ...extensions.flatMap((one) => ['-addext', one]), '-days', '2'];
  const how = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-sha256', '-config', file('openssl.cnf')];
  await run('openssl', ['req', ...how, ...what, ...by, ...made]);
}

/** Chains are files with the signer first, as the assistant publishes them. */
async function chain(directory, name, issuers) {
  const parts = [name, ...issuers].map((part) => readFile(join(directory, `${part}.pem`), 'utf8'));
  await writeFile(join(directory, `${name}-chain.pem`), (await Promise.all(parts)).join(''));
}

/**
 * Fills a directory: `root.pem` is to be trusted; `NAME.key` signs and `NAME-chain.pem` is published, of `assistant`,
 * of `neighbour` (right, but of another name) and of `impostor` (the right name, but of an authority of its own).
 * Throws when there is no openssl.
 */
export async function makeCertificates(directory) {
  await writeFile(join(directory, 'openssl.cnf'), CONFIGURATION);
  await issue(directory, { name: 'root', subject: 'Example Root', extensions: authority() });
  await issue(directory, { name: 'own-root', subject: 'Impostor Root', extensions: authority() });
  const below = { subject: 'Example Authority', extensions: authority(',pathlen:0'), issuer: 'root' };
  await issue(directory, { name: 'authority', ...below });
  const signers = [
    { name: 'assistant', subject: SIGNER, extensions: host(SIGNER), issuer: 'authority' },
    { name: 'neighbour', subject: SIGNER, extensions: host('shop.example'), issuer: 'authority' },
    { name: 'impostor', subject: SIGNER, extensions: host(SIGNER), issuer: 'own-root' },
  ];
  for (const signer of signers) await issue(directory, signer);
  await chain(directory, 'assistant', ['authority']);
  await chain(directory, 'neighbour', ['authority']);
  await chain(directory, 'impostor', ['own-root']);
}
