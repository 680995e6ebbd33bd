import { gunzipSync } from 'node:zlib';
import type { TranscriptLine } from '@vibrissa/testkit';
import { shapeDifferences } from './compare.ts';
import type { Correspondence } from './correspondence.ts';
import { header, type RawAnswer } from './raw-connection.ts';

/** Headers whose values no two runs share. */
const ofThisRun = new Set(['date', 'content-length', 'mesos-stream-id']);

/** Headers that a Node server adds; every HTTP client understands them. */
const ofNode = new Set(['connection', 'keep-alive']);

/** Status line and headers. */
export function compareAnswer(
  recorded: Extract<TranscriptLine, { kind: 'response' }>,
  answer: RawAnswer,
  ids: Correspondence,
): string[] {
  const stream = recorded.headers.find(([name]) => name === 'Mesos-Stream-Id')?.[1];
  const here = header(answer, 'mesos-stream-id');
  if (stream !== undefined && here !== undefined) ids.learn(stream, here);
  const line = recorded.line === answer.line ? [] : [`recorded ${recorded.line}, simulated ${answer.line}`];
  return [...line, ...compareHeaders(recorded.headers, answer, ids)];
}

function compareHeaders(
  recorded: readonly (readonly [string, string])[],
  answer: RawAnswer,
  ids: Correspondence,
): string[] {
  const names = recorded.map(([name]) => name.toLowerCase());
  const wrong = recorded.flatMap(([name, value]) => {
    const here = header(answer, name.toLowerCase());
    if (here === undefined) return [`header ${name} is missing`];
    if (ofThisRun.has(name.toLowerCase()) || here === ids.translate(value)) return [];
    return [`header ${name}: recorded ${ids.translate(value)}, simulated ${here}`];
  });
  const further = answer.headers
    .filter(([name]) => !names.includes(name.toLowerCase()) && !ofNode.has(name.toLowerCase()))
    .map(([name, value]) => `header not recorded: ${name}: ${value}`);
  return [...wrong, ...further];
}

/** Texts word by word, documents by their shape. */
export function compareBody(recorded: Buffer, answer: RawAnswer, ids: Correspondence): string[] {
  const here = unpacked(answer.body ?? Buffer.alloc(0));
  const there = unpacked(recorded);
  const [left, right] = [parse(there), parse(here)];
  if (left === undefined || right === undefined) {
    ids.learn(there, here);
    const text = ids.translate(there);
    return text === here ? [] : [`recorded ${cut(text)}, simulated ${cut(here)}`];
  }
  ids.learn(left, right);
  const { wrong, missing } = shapeDifferences(parse(ids.translate(there)), right);
  return [...wrong, ...missing.filter(isExpected).map((path) => `${path}: not there`)];
}

/** Flags and metrics are as many as an implementation has; paths of files are names, not fields. */
function isExpected(path: string): boolean {
  return !path.startsWith('.flags.') && !path.includes('/');
}

function unpacked(body: Buffer): string {
  const gzipped = body[0] === 0x1f && body[1] === 0x8b;
  return (gzipped ? gunzipSync(body) : body).toString();
}

/** JSON, also as the argument of a function (`?jsonp=`). */
function parse(text: string): unknown {
  const inner = /^\w+\((.*)\);?$/s.exec(text)?.[1] ?? text;
  if (!/^\s*[[{]/.test(inner)) return undefined;
  try {
    return JSON.parse(inner);
  } catch {
    return undefined;
  }
}

function cut(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : JSON.stringify(text);
}
