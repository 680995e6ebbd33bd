import { formatLogLine, SENTINEL } from '@vibrissa/protocol';
import type { LogStreamName } from '../../containers/container.ts';
import { isLikely, mergeByTime, readStamp, STAMP_BYTES } from './log-stamps.ts';
import { cutLine, harmless, isForgedNotice } from './log-text.ts';

/** The lines that the platform itself adds at the end of an activation's logs. */
export const logNotices = {
  truncated: (bytes: number) =>
    `Logs were truncated because the total bytes size exceeds the limit of ${bytes} bytes.`,
  incomplete: 'There was an issue while collecting your logs. Data might be missing.',
  developerError: 'The action did not initialize or run as expected. Log data might be missing.',
} as const;

/** How the runtime says that an activation's logs are complete. */
export type SentinelStyle =
  /** A line with the token of the request. */
  | 'token'
  /** The bare line of OpenWhisk's own runtimes. */
  | 'plain'
  /** By its answer: the container's logs come in order with it. */
  | 'answer'
  /** Not at all. */
  | 'none';

const NEW_LINE = 10;
const sentinelAtEnd = new RegExp(`${SENTINEL}( [0-9a-f]{32})?$`);
/** What is kept of what a container writes between two activations. */
const BETWEEN_BYTES = 64 * 1024;
/**
 * The characters that lines may take as they are kept, per byte of the limit. A line gets a time and a stream, forty
 * characters: without a bound ten megabytes of line ends would become half a gigabyte. Lines of 16 bytes still fit.
 */
const KEPT_PER_BYTE = 4;
/** Ten megabytes in lines of eighty bytes. It is their number that costs time, on the loop that serves everybody. */
const MAX_LINES = 128 * 1024;
/** Whoever writes so much more than is kept is not read to the end: there may be none (a file can be 1 TB of nothing). */
const MOST_LEFT_OUT_BYTES = 16 * 1024 * 1024;
/** Quotes and comma. */
const JSON_FRAME = 3;
/** So many activations whose logs could not be read may have their ends before them; each takes some 200 bytes. */
const MAX_LATE = 1000;
/** Of a line that began in what was left out. */
const MAX_BEGUN_BYTES = 1024;

/** The logs of one activation while they come. */
export class ActivationLogs {
  /** As they came. */
  lines: string[] = [];
  readonly limitBytes: number;
  /** Epoch nanoseconds; undefined where lines have no times of their own. */
  readonly openedNs: bigint | undefined;
  /** What ends each stream; with a line end, as bytes would be compared. */
  endMark = '';
  bytes = 0;
  /** What its lines take in its record, but for escapes. */
  keptChars = 0;
  truncated = false;
  /** What came after that. */
  leftOutBytes = 0;
  stdoutEnded = false;
  stderrEnded = false;
  /** Of all of its container's, in the order in which they began. */
  readonly order: number;
  /**
   * Its record has what there is of its logs, but their end is still to be read: what comes until then is nobody's. It is
   * the order of the first activation that began after it had ended, whose logs can't end before these.
   */
  lateSince: number | undefined;
  /** Called at each piece of its logs, while somebody waits for the rest. */
  onProgress: (() => void) | undefined;

  constructor(limitBytes: number, openedNs: bigint | undefined, order = 0) {
    this.limitBytes = limitBytes;
    this.openedNs = openedNs;
    this.order = order;
  }

  /** Its lines so far, by their times where they have some of their own. */
  inOrder(): string[] {
    return this.openedNs === undefined ? this.lines : mergeByTime(this.lines);
  }

  /** Its next request ends the logs with this. */
  expect(endMark: string): void {
    this.endMark = endMark;
    this.stdoutEnded = this.stderrEnded = false;
  }

  /** Its lines are its record's now; it takes no more. */
  handOver(): string[] {
    const lines = this.inOrder();
    this.lines = [];
    this.truncated = true;
    return lines;
  }

  get isComplete(): boolean {
    return this.stdoutEnded && this.stderrEnded;
  }

  /** It goes on and on: its record misses nothing by what comes. */
  get isFlooded(): boolean {
    return this.leftOutBytes > MOST_LEFT_OUT_BYTES;
  }

  add(line: string, rawBytes: number): void {
    if (this.truncated) return;
    this.bytes += rawBytes;
    this.keptChars += line.length + JSON_FRAME;
    const isOver = this.bytes > this.limitBytes || this.keptChars > this.limitBytes * KEPT_PER_BYTE;
    if (isOver || this.lines.length >= MAX_LINES) this.truncated = true;
    else this.lines.push(line);
  }

  end(stream: LogStreamName): void {
    if (stream === 'stdout') this.stdoutEnded = true;
    else this.stderrEnded = true;
  }

  hasEnded(stream: LogStreamName): boolean {
    return stream === 'stdout' ? this.stdoutEnded : this.stderrEnded;
  }
}

function isEndOf(logs: ActivationLogs, stream: LogStreamName, text: string): boolean {
  return logs.endMark !== '' && !logs.hasEnded(stream) && text.endsWith(logs.endMark.slice(0, -1));
}

/** A clock that goes back by more than this was set. */
const SET_BACK_NS = 1_000_000_000n;

/**
 * Makes log lines of the bytes that a container writes, and files them under the activation they belong to: the
 * oldest one whose logs have not ended on that stream. What comes between two activations belongs to the next, as
 * in OpenWhisk. A line without a time of its own gets that of its reading, or that of the line before it where lines
 * have times of their own.
 */
export class LogCollector {
  readonly #style: SentinelStyle;
  readonly #epochNs: () => bigint;
  readonly #isStamped: boolean;
  readonly #open: ActivationLogs[] = [];
  readonly #rest: { [S in LogStreamName]: Buffer | undefined } = { stdout: undefined, stderr: undefined };
  /** Of the last line that had one, until the activation's end. */
  readonly #stamps: { [S in LogStreamName]: bigint | undefined } = { stdout: undefined, stderr: undefined };
  /** The next end mark may be as far away as anything: reading on is of no use. */
  isFlooded = false;
  #between: ActivationLogs | undefined;
  #opened = 0;
  #late = 0;
  #lastNs = 0n;

  constructor(style: SentinelStyle, epochNs: () => bigint, isStamped = false) {
    this.#style = style;
    this.#epochNs = epochNs;
    this.#isStamped = isStamped;
  }

  /** An activation begins. */
  open(limitBytes: number): ActivationLogs {
    const logs = new ActivationLogs(limitBytes, this.#openingNs(), this.#opened++);
    if (this.#between) {
      for (const line of this.#between.lines) logs.lines.push(line);
      logs.bytes = this.#between.bytes;
      logs.keptChars = this.#between.keptChars;
      this.#between = undefined;
    }
    this.#open.push(logs);
    return logs;
  }

  /** What a request with this token ends its logs with. */
  endMark(token: string): string {
    if (this.#style === 'none' || this.#style === 'answer') return '';
    return this.#style === 'token' ? `${SENTINEL} ${token}\n` : `${SENTINEL}\n`;
  }

  /**
   * What is missing of these logs could not be read, and may still come: after their `close` it is left out until their
   * end, rather than taken for that of the next activation. False when there are too many of them, or nothing that ends
   * them.
   */
  keepEndOf(logs: ActivationLogs): boolean {
    if (logs.endMark === '' || this.#late >= MAX_LATE) return false;
    this.#late += 1;
    logs.lateSince = this.#opened;
    return true;
  }

  /** No more is taken for this activation; gives its lines with the notices that are due. */
  close(
    logs: ActivationLogs,
    state: { readonly developerError: boolean; readonly incomplete: boolean; readonly unreadable?: string },
  ): string[] {
    if (logs.lateSince === undefined || logs.isComplete) this.#drop(logs);
    if (!logs.isComplete) this.#flushRests(logs);
    const isTruncated = logs.truncated;
    const lines = logs.handOver();
    if (isTruncated) this.#notice(lines, logNotices.truncated(logs.limitBytes));
    if (state.incomplete) this.#notice(lines, logNotices.incomplete);
    if (state.developerError) this.#notice(lines, logNotices.developerError);
    if (state.unreadable !== undefined) this.#notice(lines, state.unreadable);
    return lines;
  }

  /** Takes bytes of one stream, cut anywhere. */
  feed(stream: LogStreamName, bytes: Buffer): void {
    const current = this.#current(stream);
    if (current?.truncated) {
      current.leftOutBytes += bytes.length;
      this.isFlooded ||= current.isFlooded;
    }
    if (current && this.#rest[stream] === undefined && bytes.length === current.endMark.length) {
      // Most activations write nothing: all there is to see is the line that says so.
      if (bytes.toString('latin1') === current.endMark) {
        this.#end(current, stream);
        current.onProgress?.();
        return;
      }
    }
    if (this.#isIdle(current)) this.#skip(stream, bytes);
    else this.#feedLines(stream, bytes);
    current?.onProgress?.();
  }

  /** Nothing in what comes now is kept, and nothing in it ends anything: it need not be looked at. */
  #isIdle(current: ActivationLogs | undefined): boolean {
    if (current === undefined) return this.#open.length === 0 && this.#between?.truncated === true;
    return current.truncated && this.endMark('') === '';
  }

  /** A flood costs no more than its reading. Of what is left out, a line that has begun may belong to the next. */
  #skip(stream: LogStreamName, bytes: Buffer): void {
    const begun = bytes.subarray(bytes.lastIndexOf(NEW_LINE) + 1);
    this.#rest[stream] = begun.length > 0 ? Buffer.from(begun.subarray(-MAX_BEGUN_BYTES)) : undefined;
  }

  #feedLines(stream: LogStreamName, bytes: Buffer): void {
    const rest = this.#rest[stream];
    const all = rest ? Buffer.concat([rest, bytes]) : bytes;
    let from = 0;
    for (let end = all.indexOf(NEW_LINE); end >= 0; end = all.indexOf(NEW_LINE, from)) {
      this.#pieces(stream, all.subarray(from, end), true);
      from = end + 1;
    }
    const left = this.#pieces(stream, all.subarray(from), false);
    this.#rest[stream] = left.length > 0 ? Buffer.from(left) : undefined;
  }

  /** Adds a line, in pieces where it is overlong; gives back what may still grow. */
  #pieces(stream: LogStreamName, line: Buffer, isWhole: boolean): Buffer {
    let left = line;
    for (let cut = cutLine(left); cut < left.length; cut = cutLine(left)) {
      this.#line(stream, left.subarray(0, cut));
      left = left.subarray(cut);
    }
    if (isWhole) this.#line(stream, left);
    return left;
  }

  #line(stream: LogStreamName, raw: Buffer): void {
    const from = this.#isStamped ? this.#takeStamp(stream, raw) : 0;
    let text = raw.toString('utf8', from, raw.length);
    if (text.endsWith('\r')) text = text.slice(0, -1);
    const at = text.indexOf(SENTINEL);
    if (at >= 0 && this.#isEnd(stream, text, at)) return;
    // A sentinel that ends nothing (a forged one, or that of /init) isn't shown either: clients know it as an end.
    if (at >= 0) text = text.replace(sentinelAtEnd, '');
    if (at === 0 && text === '') return;
    this.#add(stream, text, raw.length - from + 1);
  }

  /** Keeps the time with which a line begins; gives how many bytes it takes. */
  #takeStamp(stream: LogStreamName, line: Buffer): number {
    const stamp = readStamp(line);
    if (stamp === undefined) return 0;
    const nowNs = this.#epochNs();
    const sinceNs = this.#current(stream)?.openedNs ?? nowNs;
    this.#stamps[stream] = isLikely(stamp, { sinceNs, nowNs }) ? stamp : undefined;
    return STAMP_BYTES;
  }

  #openingNs(): bigint | undefined {
    return this.#isStamped ? this.#epochNs() : undefined;
  }

  /** The runtime writes its mark behind what the code left without a line end. */
  #isEnd(stream: LogStreamName, text: string, at: number): boolean {
    if (this.endMark('') === '') return false;
    const marked = this.#open.find((logs) => isEndOf(logs, stream, text));
    if (!marked) return false;
    if (this.#endPassedOver(marked, stream)) return true;
    const before = text.slice(0, text.length - marked.endMark.length + 1);
    if (before !== '' && at > 0) this.#addTo(marked, stream, { text: before, rawBytes: before.length });
    this.#end(marked, stream);
    return true;
  }

  #end(logs: ActivationLogs, stream: LogStreamName): void {
    logs.end(stream);
    this.#stamps[stream] = undefined;
    if (logs.lateSince !== undefined && logs.isComplete) this.#drop(logs);
  }

  #drop(logs: ActivationLogs): void {
    const at = this.#open.indexOf(logs);
    if (at < 0) return;
    this.#open.splice(at, 1);
    if (logs.lateSince !== undefined) this.#late -= 1;
  }

  /**
   * Ends late ones whose ends will never come, since that of one which began after them is there. What was left out for
   * them may have been its own: true, and it does not end either, so that its record says that data might be missing.
   */
  #endPassedOver(marked: ActivationLogs, stream: LogStreamName): boolean {
    if (this.#late === 0 || marked.lateSince !== undefined) return false;
    const passed = this.#open.filter(
      (logs) => logs.lateSince !== undefined && logs.lateSince <= marked.order && !logs.hasEnded(stream),
    );
    for (const logs of passed) this.#end(logs, stream);
    return passed.length > 0;
  }

  #add(stream: LogStreamName, text: string, rawBytes: number): void {
    const logs = this.#current(stream) ?? (this.#between ??= new ActivationLogs(Infinity, undefined));
    // Nobody reads what comes between activations before the next begins: it must not pile up meanwhile.
    if (logs === this.#between && logs.bytes + rawBytes > BETWEEN_BYTES) logs.truncated = true;
    this.#addTo(logs, stream, { text, rawBytes });
  }

  #addTo(
    logs: ActivationLogs,
    stream: LogStreamName,
    line: { readonly text: string; readonly rawBytes: number },
  ): void {
    if (logs.truncated) return;
    const shown = isForgedNotice(line.text) ? `> ${line.text}` : line.text;
    logs.add(formatLogLine(this.#stamps[stream] ?? this.#nextNs(), stream, harmless(shown)), line.rawBytes);
  }

  /** Lines get times that only grow, also where several came at once, until the clock is set back. */
  #nextNs(): bigint {
    const now = this.#epochNs();
    const isNext = now > this.#lastNs || this.#lastNs - now > SET_BACK_NS;
    this.#lastNs = isNext ? now : this.#lastNs + 1n;
    return this.#lastNs;
  }

  #notice(lines: string[], text: string): void {
    lines.push(formatLogLine(this.#nextNs(), 'stderr', text));
  }

  #current(stream: LogStreamName): ActivationLogs | undefined {
    const [first] = this.#open;
    if (first === undefined || !first.hasEnded(stream)) return first;
    return this.#open.find((logs) => !logs.hasEnded(stream));
  }

  #flushRests(logs: ActivationLogs): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const rest = this.#rest[stream];
      if (!rest || this.#open.length > 0) continue;
      this.#rest[stream] = undefined;
      const from = this.#isStamped ? this.#takeStamp(stream, rest) : 0;
      const text = rest.toString('utf8', from, rest.length);
      this.#addTo(logs, stream, { text, rawBytes: rest.length - from });
      this.#stamps[stream] = undefined;
    }
  }
}
