import { SENTINEL } from '@vibrissa/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LogCollector, type SentinelStyle } from './collect-logs.ts';
import { logPatience } from './await-logs.ts';

const TOKEN = '0123456789abcdef0123456789abcdef';
const OTHER = 'ffffffffffffffffffffffffffffffff';
const MEBIBYTE = 1024 * 1024;
const fine = { developerError: false, incomplete: false };

function openCollector(style: SentinelStyle = 'token', isStamped = false) {
  let now = 1_570_220_092_712_000_000n;
  const collector = new LogCollector(style, () => (now += 1000n), isStamped);
  const begin = (token = TOKEN, limitBytes = MEBIBYTE) => {
    const logs = collector.open(limitBytes);
    logs.expect(collector.endMark(token));
    return logs;
  };
  const write = (text: string) => collector.feed('stdout', Buffer.from(text));
  const complain = (text: string) => collector.feed('stderr', Buffer.from(text));
  const end = (token = TOKEN) => {
    const line = style === 'plain' ? `${SENTINEL}\n` : `${SENTINEL} ${token}\n`;
    write(line);
    complain(line);
  };
  return { collector, begin, write, complain, end };
}

function texts(lines: readonly string[]): string[] {
  return lines.map((line) => line.slice(31));
}

test("lines have OpenWhisk's form, with nanoseconds, in the order in which they came", () => {
  const { collector, begin, write, complain, end } = openCollector();
  const logs = begin();
  write('one\ntwo\n');
  complain('three\n');
  end();
  expect(logs.isComplete).toBe(true);
  expect(collector.close(logs, fine)).toEqual([
    '2019-10-04T20:14:52.712001000Z stdout: one',
    '2019-10-04T20:14:52.712002000Z stdout: two',
    '2019-10-04T20:14:52.712003000Z stderr: three',
  ]);
});

test('lines are whole however their bytes were cut', () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !/[\p{Cc}\n]/u.test(text));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 5 }), fc.array(fc.nat(200)), (lines, places) => {
      const { collector, begin, complain } = openCollector();
      const logs = begin();
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join('') + `${SENTINEL} ${TOKEN}\n`);
      const at = [0, ...places.filter((place) => place < bytes.length).sort((a, b) => a - b), bytes.length];
      at.slice(1).forEach((end, index) => collector.feed('stdout', bytes.subarray(at[index], end)));
      complain(`${SENTINEL} ${TOKEN}\n`);
      expect(logs.isComplete).toBe(true);
      expect(texts(collector.close(logs, fine))).toEqual(lines.map((text) => `stdout: ${text}`));
    }),
  );
});

test('what the code left without a line end is a line of its own', () => {
  const { collector, begin, write, complain } = openCollector();
  const logs = begin();
  write(`unfinished${SENTINEL} ${TOKEN}\n`);
  complain(`${SENTINEL} ${TOKEN}\n`);
  expect(logs.isComplete).toBe(true);
  expect(texts(collector.close(logs, fine))).toEqual(['stdout: unfinished']);
});

test('a forged sentinel ends nothing and is not shown', () => {
  const { collector, begin, write, end } = openCollector();
  const logs = begin();
  write(`${SENTINEL}\nafter\n${SENTINEL} ${OTHER}\nlast${SENTINEL}\n`);
  expect(logs.isComplete).toBe(false);
  end();
  expect(texts(collector.close(logs, fine))).toEqual(['stdout: after', 'stdout: last']);
});

test("a line that reads like one of the platform's notices is marked as the action's own", () => {
  const { collector, begin, complain, end } = openCollector();
  const logs = begin();
  complain('Logs were truncated because the total bytes size exceeds the limit of 1 bytes.\n');
  complain('There was an issue while collecting your logs. Data might be missing.\nLuckily not\n');
  end();
  expect(texts(collector.close(logs, fine))).toEqual([
    'stderr: > Logs were truncated because the total bytes size exceeds the limit of 1 bytes.',
    'stderr: > There was an issue while collecting your logs. Data might be missing.',
    'stderr: Luckily not',
  ]);
});

test('control characters are shown, not obeyed', () => {
  const { collector, begin, write, end } = openCollector();
  const logs = begin();
  write('\u001b[2Jcleared\u0007\nover\rwritten\r\n\ttabs stay\n\u009b31m\n\u0000\n');
  end();
  expect(texts(collector.close(logs, fine))).toEqual([
    'stdout: \\x1b[2Jcleared\\x07',
    'stdout: over\\x0dwritten',
    'stdout: \ttabs stay',
    'stdout: \\x9b31m',
    'stdout: \\x00',
  ]);
});

test('an overlong line is shown in pieces that split no character', () => {
  const { collector, begin, write, end } = openCollector();
  const logs = begin();
  const line = `a${'€'.repeat(50_000)}`;
  write(`${line}\n`);
  end();
  const shown = texts(collector.close(logs, fine)).map((text) => text.slice('stdout: '.length));
  expect(shown.length).toBe(3);
  expect(shown.join('')).toBe(line);
});

test('over the limit comes one last line, and the end is still found', () => {
  const { collector, begin, write, end } = openCollector();
  const logs = begin(TOKEN, 20);
  write('0123456789\nabcdefghij\nmore\n');
  end();
  expect(logs.isComplete).toBe(true);
  expect(texts(collector.close(logs, fine))).toEqual([
    'stdout: 0123456789',
    'stderr: Logs were truncated because the total bytes size exceeds the limit of 20 bytes.',
  ]);
});

test('a flood of empty lines takes no more than a few times the limit', () => {
  const { collector, begin, write } = openCollector();
  const logs = begin(TOKEN, MEBIBYTE);
  write('\n'.repeat(MEBIBYTE));
  const kept = collector.close(logs, fine);
  expect(JSON.stringify(kept).length).toBeLessThan(4.01 * MEBIBYTE);
  expect(kept.at(-1)).toContain('Logs were truncated because ');
});

test('no activation keeps more lines than 128 Ki, whatever its limit', () => {
  const { collector, begin, write } = openCollector();
  const logs = begin(TOKEN, 10 * MEBIBYTE);
  write('\n'.repeat(MEBIBYTE));
  const kept = collector.close(logs, fine);
  expect(kept.length).toBe(128 * 1024 + 1);
  expect(kept.at(-1)).toContain('Logs were truncated because ');
});

test('lines of 16 bytes fill the limit to the last', () => {
  const { collector, begin, write } = openCollector();
  const logs = begin(TOKEN, MEBIBYTE);
  write('123456789abcdef\n'.repeat(MEBIBYTE / 16 + 10));
  expect(collector.close(logs, fine).length - 1).toBe(MEBIBYTE / 16);
});

test('what is left out of a flood leaves nothing behind for the next activation', () => {
  const { collector, write } = openCollector('answer');
  const flooding = collector.open(20);
  write('0123456789\nabcdefghij\n');
  write('left out\nleft out too\nleft ');
  expect(texts(collector.close(flooding, fine))[0]).toBe('stdout: 0123456789');
  const next = collector.open(MEBIBYTE);
  write('its own\n');
  expect(texts(collector.close(next, fine))).toEqual(['stdout: its own']);
});

test('a flood between two activations leaves the next its room', () => {
  const { collector, write } = openCollector('answer');
  for (let i = 0; i < 100; i++) write('between\n'.repeat(1000));
  const next = collector.open(MEBIBYTE);
  write('its own\n');
  const kept = texts(collector.close(next, fine));
  expect(kept.at(-1)).toBe('stdout: its own');
  expect(kept.length).toBeLessThan(9000);
});

test('missing sentinels and developer errors have their last lines', () => {
  const { collector, begin, write } = openCollector();
  const logs = begin();
  write('cut of');
  expect(texts(collector.close(logs, { developerError: false, incomplete: true }))).toEqual([
    'stdout: cut of',
    'stderr: There was an issue while collecting your logs. Data might be missing.',
  ]);
  const failed = begin(OTHER);
  expect(texts(collector.close(failed, { developerError: true, incomplete: false }))).toEqual([
    'stderr: The action did not initialize or run as expected. Log data might be missing.',
  ]);
});

test('what comes between two activations belongs to the next, within bounds', () => {
  const { collector, begin, write, end } = openCollector();
  const first = begin();
  end();
  collector.close(first, fine);
  write('background\n');
  const flood = `${'x'.repeat(1000)}\n`;
  for (let line = 0; line < 1000; line++) write(flood);
  const second = begin(OTHER);
  write('mine\n');
  end(OTHER);
  const lines = texts(collector.close(second, fine));
  expect(lines[0]).toBe('stdout: background');
  expect(lines.at(-1)).toBe('stdout: mine');
  expect(lines.length).toBeLessThan(100);
});

test('the sentinel of /init does not end the logs of the run that follows', () => {
  const { collector, begin, write, end } = openCollector();
  const logs = begin();
  write('loading\n');
  logs.expect(collector.endMark(OTHER));
  end();
  expect(logs.isComplete).toBe(false);
  write('running\n');
  end(OTHER);
  expect(logs.isComplete).toBe(true);
  expect(texts(collector.close(logs, fine))).toEqual(['stdout: loading', 'stdout: running']);
});

test('activations that share a container end by their own tokens, in any order', () => {
  const { collector, begin, write, end } = openCollector();
  const [one, two] = [begin(TOKEN), begin(OTHER)];
  write('from either\n');
  end(OTHER);
  expect([one.isComplete, two.isComplete]).toEqual([false, true]);
  end(TOKEN);
  expect(one.isComplete).toBe(true);
  expect([...collector.close(one, fine), ...collector.close(two, fine)]).toHaveLength(1);
});

test('a foreign runtime ends its logs with the plain sentinel', () => {
  const { begin, end } = openCollector('plain');
  const logs = begin();
  end();
  expect(logs.isComplete).toBe(true);
});

test('without sentinels nothing ends the logs', () => {
  const { begin, end } = openCollector('none');
  const logs = begin();
  end();
  expect(logs.isComplete).toBe(false);
});

test.each([
  [1, 10_000],
  [5, 10_000],
  [10, 20_000],
])('with a limit of %i MB logs are waited for at most %i ms', (limitMb, overallMs) => {
  expect(logPatience(limitMb * MEBIBYTE, false)).toEqual({ idleMs: 2000, overallMs });
});

test('lines have times that only grow, and follow a clock that is set back', () => {
  const times = [100_000_000_000n, 99_999_999_999n, 99_500_000_000n, 5_000_000_000n, 5_000_000_000n];
  const collector = new LogCollector('token', () => times.shift()!);
  const logs = collector.open(MEBIBYTE);
  collector.feed('stdout', Buffer.from('a\nb\nc\nd\ne\n'));
  const lines = collector.close(logs, fine).map((line) => line.slice(17, 30));
  expect(lines).toEqual([
    '40.000000000Z',
    '40.000000001Z',
    '40.000000002Z',
    '05.000000000Z',
    '05.000000001Z',
  ]);
});

const STAMP = '\u001e';

test('a time that no line of the activation can have is that of reading', () => {
  const { collector, begin, write, end } = openCollector('token', true);
  const logs = begin();
  write(`${STAMP}1570220032712000000 before\n${STAMP}1570220152713000000 after\nof a child\n`);
  write(`${STAMP}1570220032713000000 a minute before\n${STAMP}1570220152711000000 a minute after\n`);
  end();
  expect(collector.close(logs, fine).map((line) => line.replace(/(\.712)\d{6}Z/, '$1…'))).toEqual([
    '2019-10-04T20:14:52.712… stdout: before',
    '2019-10-04T20:14:52.712… stdout: after',
    '2019-10-04T20:14:52.712… stdout: of a child',
    '2019-10-04T20:13:52.713000000Z stdout: a minute before',
    '2019-10-04T20:15:52.711000000Z stdout: a minute after',
  ]);
});

test('lines with a time of their own are merged by it, whole streams at a time though they came', () => {
  const { collector, begin, write, complain, end } = openCollector('token', true);
  const logs = begin();
  write(`${STAMP}1570220092000000001 one\n${STAMP}1570220092000000004 four\n`);
  complain(`${STAMP}1570220092000000002 two\nof a child\n${STAMP}1570220092000000003 three\n`);
  end();
  expect(collector.close(logs, fine)).toEqual([
    '2019-10-04T20:14:52.000000001Z stdout: one',
    '2019-10-04T20:14:52.000000002Z stderr: two',
    '2019-10-04T20:14:52.000000002Z stderr: of a child',
    '2019-10-04T20:14:52.000000003Z stderr: three',
    '2019-10-04T20:14:52.000000004Z stdout: four',
  ]);
});

test('a line without a time before any that has one gets that of its reading, in each activation anew', () => {
  const { collector, begin, write, end } = openCollector('token', true);
  const first = begin();
  write(`${STAMP}1570220092000000001 one\n`);
  end();
  collector.close(first, fine);
  const second = begin(OTHER);
  write('of a child\n');
  end(OTHER);
  expect(collector.close(second, fine)).toEqual(['2019-10-04T20:14:52.712004000Z stdout: of a child']);
});

test('times are no part of the text or of the limit, and notices stay last', () => {
  const { collector, begin, write, complain } = openCollector('token', true);
  const logs = begin(TOKEN, 20);
  write(`${STAMP}9570220092000000001 0123456789\n${STAMP}1570220092000000002 Logs were truncated because \n`);
  complain(`${STAMP}1570220092000000001 no room`);
  const lines = collector.close(logs, { ...fine, incomplete: true, unreadable: 'Look for them elsewhere.' });
  expect(texts(lines)).toEqual([
    'stdout: 0123456789',
    'stderr: Logs were truncated because the total bytes size exceeds the limit of 20 bytes.',
    'stderr: There was an issue while collecting your logs. Data might be missing.',
    'stderr: Look for them elsewhere.',
  ]);
});

test('what the code left without a line end has its time too, before the end mark and where none comes', () => {
  const { collector, begin, write, complain } = openCollector('token', true);
  const marked = begin();
  write(`${STAMP}1570220092000000001 unfinished${SENTINEL} ${TOKEN}\n`);
  complain(`${SENTINEL} ${TOKEN}\n`);
  expect(collector.close(marked, fine)).toEqual(['2019-10-04T20:14:52.000000001Z stdout: unfinished']);
  const cut = begin(OTHER);
  write(`${STAMP}1570220092000000002 cut of`);
  expect(collector.close(cut, fine)).toEqual(['2019-10-04T20:14:52.000000002Z stdout: cut of']);
});

test('times are shown as they are where the runtime is not trusted with them', () => {
  const { collector, begin, write, end } = openCollector();
  const logs = begin();
  write(`${STAMP}1570220092000000001 one\n`);
  end();
  expect(texts(collector.close(logs, fine))).toEqual(['stdout: \\x1e1570220092000000001 one']);
});

describe('logs that could not be read in time', () => {
  const unread = { ...fine, incomplete: true, unreadable: 'Look elsewhere.' };
  const notices = [
    'stderr: There was an issue while collecting your logs. Data might be missing.',
    'stderr: Look elsewhere.',
  ];

  test('are left out when they come, and the next activation has its own', () => {
    const { collector, begin, write, complain, end } = openCollector();
    const late = begin(TOKEN);
    write('in time\nbeg');
    expect(collector.keepEndOf(late)).toBe(true);
    expect(texts(collector.close(late, unread))).toEqual(['stdout: in time', ...notices]);
    const next = begin(OTHER);
    write('un\n');
    complain('late\n');
    end(TOKEN);
    write('its own\n');
    end(OTHER);
    expect(next.isComplete).toBe(true);
    expect(texts(collector.close(next, fine))).toEqual(['stdout: its own']);
  });

  test('are left out stream by stream, by bare sentinels too', () => {
    const { collector, begin, write, complain } = openCollector('plain');
    const late = [begin(), begin()];
    for (const logs of late) expect(collector.keepEndOf(logs)).toBe(true);
    for (const logs of late) collector.close(logs, unread);
    const next = begin();
    write(`late\n${SENTINEL}\nlater\n${SENTINEL}\nits own\n${SENTINEL}\n`);
    complain(`${SENTINEL}\n${SENTINEL}\n`);
    expect(next.isComplete).toBe(false);
    complain(`its own\n${SENTINEL}\n`);
    expect(next.isComplete).toBe(true);
    expect(texts(collector.close(next, fine))).toEqual(['stdout: its own', 'stderr: its own']);
  });

  test('that turn out to have no end leave that of the next in doubt, and of no others', () => {
    const { collector, begin, write, end } = openCollector();
    const late = begin(TOKEN);
    collector.keepEndOf(late);
    collector.close(late, unread);
    const next = begin(OTHER);
    write('whose is this?\n');
    end(OTHER);
    expect([next.stdoutEnded, next.stderrEnded]).toEqual([false, false]);
    collector.close(next, unread);
    const third = begin('3'.repeat(32));
    write('its own\n');
    end('3'.repeat(32));
    expect(texts(collector.close(third, fine))).toEqual(['stdout: its own']);
  });

  test('may end after those that ran at the same time', () => {
    const { collector, begin, end } = openCollector();
    const late = begin(TOKEN);
    const together = begin(OTHER);
    collector.keepEndOf(late);
    collector.close(late, unread);
    end(OTHER);
    expect(together.isComplete).toBe(true);
    collector.close(together, fine);
    end(TOKEN);
    const next = begin('3'.repeat(32));
    end('3'.repeat(32));
    expect(next.isComplete).toBe(true);
  });

  test('are not waited for where nothing ends them, or without bound', () => {
    const { collector, begin } = openCollector('none');
    expect(collector.keepEndOf(begin())).toBe(false);
    const many = openCollector();
    for (let count = 0; count < 1000; count++) expect(many.collector.keepEndOf(many.begin())).toBe(true);
    expect(many.collector.keepEndOf(many.begin())).toBe(false);
  });

  test('make room for others when their end has come', () => {
    const { collector, begin, end } = openCollector();
    for (let count = 0; count < 2000; count++) {
      const logs = begin();
      expect(collector.keepEndOf(logs)).toBe(true);
      collector.close(logs, unread);
      end();
    }
  });
});
