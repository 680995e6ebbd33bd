import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { WebhookSettings } from './webhook.ts';

/** What is signed: the bytes as they came. */
export interface SignedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export type Verdict =
  | {
      readonly isRight: true;
      /** Which message of the sender it is; absent where the form has no such thing. */
      readonly messageId?: string;
    }
  | { readonly isRight: false; readonly why: string };

const right: Verdict = { isRight: true };

function wrong(why: string): Verdict {
  return { isRight: false, why };
}

function headerOf({ headers }: SignedRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** Takes as long for any two of one length. */
function isSame(shown: Buffer, expected: Buffer): boolean {
  return shown.length === expected.length && timingSafeEqual(shown, expected);
}

function verifyGitHub(request: SignedRequest, secret: string, shown: string): Verdict {
  const expected = createHmac('sha256', secret).update(request.body).digest();
  const [, hex = ''] = /^sha256=([0-9a-fA-F]{64})$/.exec(shown.trim()) ?? [];
  return isSame(Buffer.from(hex, 'hex'), expected)
    ? right
    : wrong('X-Hub-Signature-256 is not the HMAC-SHA256 of the body under the secret.');
}

/** Secrets of that standard are base64 behind a prefix; others are taken as they are. */
export function standardKey(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
}

/** The form of Standard Webhooks: `id.timestamp.body` is signed, in base64, `v1,` in front, several between spaces. */
function verifyTimestamped(
  request: SignedRequest,
  settings: WebhookSettings & { readonly secret: string },
  nowMs: number,
): Verdict {
  const id = headerOf(request, 'webhook-id') ?? '';
  const stamp = headerOf(request, 'webhook-timestamp') ?? '';
  const shown = headerOf(request, 'webhook-signature') ?? '';
  if (id === '' || !/^\d{1,12}$/.test(stamp)) {
    return wrong('Webhook-Id and Webhook-Timestamp (seconds) must stand beside Webhook-Signature.');
  }
  const signed = Buffer.concat([Buffer.from(`${id}.${stamp}.`), request.body]);
  const expected = createHmac('sha256', standardKey(settings.secret)).update(signed).digest();
  const isRight = shown
    .split(' ', 10)
    .some((part) => part.startsWith('v1,') && isSame(Buffer.from(part.slice(3), 'base64'), expected));
  if (!isRight) return wrong('Webhook-Signature is not the HMAC-SHA256 of id, time stamp and body.');
  const offMs = Math.abs(nowMs - Number(stamp) * 1000);
  if (offMs > settings.replayWindow * 1000) {
    return wrong(`Webhook-Timestamp is off by more than ${settings.replayWindow} seconds.`);
  }
  return { isRight: true, messageId: `${stamp}.${id}` };
}

/** Is the request from who knows the secret? Where there is no secret, everything is right. */
export function verifySignature(settings: WebhookSettings, request: SignedRequest, nowMs: number): Verdict {
  const { secret, signature } = settings;
  if (secret === undefined) return right;
  const github = headerOf(request, 'x-hub-signature-256');
  const isStamped = request.headers['webhook-signature'] !== undefined;
  if (signature !== 'github' && isStamped) return verifyTimestamped(request, { ...settings, secret }, nowMs);
  if (signature !== 'timestamped' && github !== undefined) return verifyGitHub(request, secret, github);
  const wanted = { any: 'X-Hub-Signature-256 or Webhook-Signature', github: 'X-Hub-Signature-256' };
  return wrong(
    `A signature is needed: ${signature === 'timestamped' ? 'Webhook-Signature' : wanted[signature]}.`,
  );
}
