// Events a second from the bytes of a subscription's stream to checked objects, and beside JSON.parse alone of the same texts.
import { encodeRecord, readEvent, RecordIoDecoder } from '@vibrissa/mesos/wire';
import { alternate } from '../lib/load.js';
import { nowMs } from '../lib/mesos-process.js';
import { status, update } from '../lib/mesos-words.js';
import { progress, report } from '../lib/report.js';
import { medianWithInterval } from '../lib/statistics.js';

const CHUNK_BYTES = 64 * 1024;

function streamOf(count) {
  const texts = Array.from({ length: count }, (_, number) =>
    JSON.stringify(
      update(status(`service-${String(number).padStart(8, '0')}`, { agent: number % 10_000, number })),
    ),
  );
  const bytes = Buffer.concat(texts.map((text) => encodeRecord(text)));
  // As a socket gives them: each chunk memory of its own.
  const chunks = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
    chunks.push(Buffer.from(bytes.subarray(at, at + CHUNK_BYTES)));
  return { texts, chunks, meanBytes: bytes.length / count };
}

/** Adds up what the events say, so that a lost or mixed up one shows. */
class Sum {
  count = 0;
  value = 0;

  add({ update: { status: told } }) {
    this.count++;
    this.value += told.timestamp * (told.task_id.value.charCodeAt(told.task_id.value.length - 1) - 40);
  }
}

function measure(work, expected) {
  const sum = new Sum();
  const started = nowMs();
  work(sum);
  const milliseconds = nowMs() - started;
  if (expected && (sum.count !== expected.count || sum.value !== expected.value))
    throw new Error(
      `${sum.count} events, of ${expected.count}, say ${sum.value} instead of ${expected.value}`,
    );
  return { milliseconds, perSecond: (sum.count / milliseconds) * 1000, sum };
}

export async function run({ pairs, quick }) {
  const { texts, chunks, meanBytes } = streamOf(quick ? 10_000 : 50_000);
  if (meanBytes < 450 || meanBytes > 550) throw new Error(`events of ${meanBytes} bytes`);
  const parse = (sum) => {
    for (const text of texts) sum.add(JSON.parse(text));
  };
  const decode = (sum) => {
    const decoder = new RecordIoDecoder();
    for (const chunk of chunks) {
      for (const record of decoder.push(chunk)) sum.add(readEvent(record.toString()));
    }
  };
  const { sum: expected } = measure(parse);
  measure(decode, expected);
  const results = await alternate(
    pairs,
    () => measure(decode, expected),
    () => measure(parse, expected),
    (n, of) => progress(`mesos-decode ${n}/${of}`),
  );
  report({
    figure: 'mesos-decode',
    unit: 'events/s',
    goal: { operator: '>=', bound: 20_000 },
    ...medianWithInterval(results.map(({ a }) => a.perSecond)),
    blocks: pairs,
    detail: { meanBytes, results },
  });
  report({
    figure: 'mesos-decode-parse',
    unit: '× JSON.parse alone',
    ...medianWithInterval(results.map(({ a, b }) => a.milliseconds / b.milliseconds)),
    blocks: pairs,
  });
}
