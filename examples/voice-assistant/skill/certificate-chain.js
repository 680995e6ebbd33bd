import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { Refusal } from './refusal.js';

const SIGNER = 'echo-api.amazon.com';
const MOST_BYTES = 64 * 1024;
const MOST_CERTIFICATES = 10;
const MOST_CHAINS = 8;
const PATIENCE_MS = 3000;

/**
 * The address of a certificate chain, if it is one of the assistant's own: anybody can sign with a certificate and
 * name the place where it lies.
 */
export function chainAddress(text) {
  let url;
  try {
    url = new URL(text); // lower-cases scheme and host, leaves out port 443, and resolves dots
  } catch {
    throw new Refusal('The header SignatureCertChainUrl has no address.');
  }
  const isTheirs =
    url.protocol === 'https:' &&
    url.host === 's3.amazonaws.com' &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    // An escape could hide a slash or dots, which would lead to somebody else's directory.
    /^\/echo\.api\/[\w./-]+$/.test(url.pathname);
  if (!isTheirs) throw new Refusal('The certificates lie in a place that is not the assistant’s.');
  url.hash = '';
  return url;
}

/** Where tests and the example keep the certificates: the same path, on another server. */
const movedTo = (url, origin) => (origin ? new URL(url.pathname, origin) : url);

async function readLimited(response) {
  let text = '';
  const decoder = new TextDecoder();
  for await (const piece of response.body ?? []) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > MOST_BYTES) throw new Error('they are too long');
  }
  return text;
}

async function fetchChain(fetch, url) {
  try {
    // A redirection would lead away from the place that was just checked.
    const response = await fetch(url, {
      headers: { connection: 'close' },
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await readLimited(response);
  } catch (error) {
    console.error(`${url} gave no certificates: ${error.cause?.message ?? error.message}`);
    throw new Refusal('The certificates can’t be fetched.');
  }
}

/** The certificates of a PEM text, in its order. */
function certificatesIn(pem) {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length > MOST_CERTIFICATES) throw new Refusal('There are too many certificates.');
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    throw new Refusal('The certificates can’t be read.');
  }
}

const isValidAt = ({ validFrom, validTo }, now) => now >= Date.parse(validFrom) && now <= Date.parse(validTo);

const issued = (issuer, certificate) =>
  issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

/**
 * The public key of the chain's first certificate, if it is the assistant's, is valid now, and leads to a trusted
 * root. Throws a Refusal otherwise.
 * @param {string} pem @param {{roots: X509Certificate[], now: number}} trust `now` in ms since 1970
 */
export function signerOf(pem, { roots, now }) {
  const [signer, ...others] = certificatesIn(pem);
  if (signer === undefined) throw new Refusal('There is no certificate in the place that is named.');
  if (signer.checkHost(SIGNER, { subject: 'never', wildcards: false }) === undefined)
    throw new Refusal(`The certificate is not that of ${SIGNER}.`);
  const rest = new Set(others);
  let certificate = signer;
  for (;;) {
    if (!isValidAt(certificate, now)) throw new Refusal('A certificate is not valid at this time.');
    const current = certificate;
    if (roots.some((root) => isValidAt(root, now) && issued(root, current))) return signer.publicKey;
    // Each one is used once: a chain in a circle comes to an end.
    certificate = [...rest].find((candidate) => issued(candidate, current));
    if (certificate === undefined) throw new Refusal('The certificates lead to nobody who is trusted.');
    rest.delete(certificate);
  }
}

/** Fetches chains, and keeps those that were right once: an action's container serves many requests. */
export function createChainStore(fetch) {
  const kept = new Map();
  const rootsOf = new Map();

  const trusted = (pem) => {
    const key = pem || '';
    let roots = rootsOf.get(key);
    if (roots === undefined) {
      roots = key === '' ? rootCertificates.map((root) => new X509Certificate(root)) : certificatesIn(key);
      rootsOf.clear();
      rootsOf.set(key, roots);
    }
    return roots;
  };

  /** The key that the chain at an address vouches for. */
  return async function signerAt(address, { now, trustedRoots, certificatesFrom }) {
    const url = movedTo(address, certificatesFrom).href;
    const pem = kept.get(url) ?? (await fetchChain(fetch, url));
    kept.delete(url);
    const key = signerOf(pem, { roots: trusted(trustedRoots), now });
    if (kept.size >= MOST_CHAINS) kept.clear();
    kept.set(url, pem);
    return key;
  };
}
