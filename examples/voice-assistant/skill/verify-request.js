import { verify } from 'node:crypto';
import { chainAddress } from './certificate-chain.js';
import { Refusal } from './refusal.js';

/** A request that somebody recorded is good for no longer than this. */
const TOLERANCE_MS = 150_000;

function signatureIn(headers) {
  const text = headers['signature-256'];
  if (typeof text !== 'string')
    throw new Refusal('The request is not signed: the header Signature-256 is missing.');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw new Refusal('The header Signature-256 is not base64.');
  return Buffer.from(text, 'base64');
}

function parse(body) {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new Refusal('The request is not JSON.');
  }
}

function checkTime(timestamp, now) {
  const isTime =
    typeof timestamp === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(timestamp);
  const then = isTime ? Date.parse(timestamp) : NaN;
  if (Number.isNaN(then)) throw new Refusal('The request doesn’t say when it was made.');
  if (Math.abs(now - then) > TOLERANCE_MS) throw new Refusal('The request was not made just now.');
}

/** A certificate tells that the assistant speaks, not to whom: every skill in the world gets requests so signed. */
function checkAddressee(message, skillId) {
  const named = [
    message.context?.System?.application?.applicationId,
    message.session?.application?.applicationId,
  ];
  const ids = named.filter((id) => id !== undefined);
  if (!skillId || ids.length === 0 || ids.some((id) => id !== skillId))
    throw new Refusal('The request is for another skill.');
}

/**
 * The message in a request, if the assistant sent it, just now, to this skill. The signature is that of the bytes as
 * they came, so nothing is parsed before it is proved. Throws a Refusal otherwise.
 * @param {{headers: {[name: string]: string}, body: Buffer}} request
 * @param {{now: number, chains: Function, skillId: string, trustedRoots?: string, certificatesFrom?: string}} trust
 */
export async function verifyRequest({ headers, body }, { now, chains, skillId, ...places }) {
  const signature = signatureIn(headers);
  const address = chainAddress(headers['signaturecertchainurl']);
  const key = await chains(address, { now, ...places });
  if (key.asymmetricKeyType !== 'rsa' || !verify('sha256', body, key, signature))
    throw new Refusal('The signature is not that of this request.');
  const message = parse(body);
  checkTime(message?.request?.timestamp, now);
  checkAddressee(message, skillId);
  return message;
}
