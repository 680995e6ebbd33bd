import { describe, expect, test } from 'vitest';

import { MAX_JSON_DEPTH } from '../../src/wire/json-shape.ts';
import { decodePacket, encodePacket, senderOfUnknown } from '../../src/wire/packet-codec.ts';
import { examplePackets } from './example-packets.ts';

/** Undefined: the field is missing. */
const wrongValues = [undefined, null, -1, 1.5, 2 ** 53, 'x', '', true, [], {}, [null], { a: 1 }];

/** Where the program's own values stand: nearly anything is right there. */
const FREE = /\.(meta|hint|put|doubts)\b|snapshot\.state\b/;
/** Where any text is right, also an empty one. */
const TEXT = /\.(ballot|promised|key)$|\.(keys|remove)\.\d+$|ping\.to$/;

/** What may be missing. */
const OPTIONAL = /^\.(to|clusterId)$|\.(foundation|accepted|leader)$|\.change\.(if|epoch|remove)$/;

interface Leaf {
  readonly path: string;
  readonly parent: Record<string, unknown>;
  readonly name: string;
}

function* fieldsOf(value: unknown, path = ''): Generator<Leaf> {
  if (typeof value !== 'object' || value === null) return;
  for (const name of Object.keys(value)) {
    const parent = value as Record<string, unknown>;
    const here = `${path}.${name}`;
    yield { path: here, parent, name };
    yield* fieldsOf(parent[name], here);
  }
}

function kindOf(packet: (typeof examplePackets)[number]): string {
  return `${packet.body.layer} ${packet.body.message.kind}`;
}

describe('a packet of each kind', () => {
  test.each(examplePackets.map((packet, at) => [at, kindOf(packet), packet] as const))(
    '%i (%s) comes out as it went in',
    (_at, _kind, packet) => {
      expect(decodePacket(encodePacket(packet))).toEqual(packet);
    },
  );

  test.each(examplePackets.map((packet, at) => [at, kindOf(packet), packet] as const))(
    '%i (%s) is refused when a field of it is missing or has another type',
    (_at, _kind, packet) => {
      const passed: string[] = [];
      let tried = 0;
      for (const { path } of fieldsOf(packet)) {
        if (FREE.test(path)) continue;
        for (const wrong of wrongValues) {
          const changed = structuredClone(packet);
          const field = [...fieldsOf(changed)].find((each) => each.path === path)!;
          if (couldBeRight({ path, kind: packet.body.message.kind, was: field.parent[field.name], wrong }))
            continue;
          field.parent[field.name] = wrong;
          tried += 1;
          if (decodePacket(Buffer.from(JSON.stringify(changed))))
            passed.push(`${path} = ${String(JSON.stringify(wrong))}`);
        }
      }
      expect(passed).toEqual([]);
      expect(tried).toBeGreaterThan(50);
    },
  );
});

/** A wrong value that could be right: another text, an empty list, another time. */
function couldBeRight({
  path,
  kind,
  was,
  wrong,
}: {
  path: string;
  kind: string;
  was: unknown;
  wrong: unknown;
}): boolean {
  if (wrong === undefined) return OPTIONAL.test(path) && !(kind === 'accept' && path.endsWith('.foundation'));
  if (path.endsWith('.change')) return typeof wrong === 'object' && wrong !== null && !Array.isArray(wrong);
  if (path === '.at') return typeof wrong === 'number';
  if (typeof was === 'string')
    return wrong === 'x' || (wrong === '' && TEXT.test(path.replace('.message.', `.${kind}.`)));
  if (Array.isArray(was)) return Array.isArray(wrong) && wrong.length === 0;
  return typeof was === 'boolean' && wrong === true;
}

describe('what is refused', () => {
  const packet = JSON.stringify(examplePackets[0]);

  test.each([
    ['a kind that is not known', packet.replace('"ping"', '"pong"')],
    ['a layer that is not known', packet.replace('"swim"', '"swam"')],
    ['a kind that every object has', packet.replace('"ping"', '"constructor"')],
    ['an index beyond what is counted exactly', packet.replace('"probe":1', '"probe":9007199254740992')],
    ['a port that nobody can have', packet.replace('7946', '65536')],
    ['a name of a host that is longer than DNS allows', packet.replace('10.0.0.1', 'x'.repeat(256))],
    ['something that is no JSON', '{'],
    ['nothing', ''],
    ['JSON of another kind', '[1]'],
  ])('%s', (_what, text) => {
    expect(decodePacket(Buffer.from(packet))).toBeDefined();
    expect(decodePacket(Buffer.from(text))).toBeUndefined();
  });

  test('a number that JSON can say and no program can count: 1e999', () => {
    const withHint = (hint: string) => packet.replace('"news":[]', `"news":[],"hint":${hint}`);
    expect(decodePacket(Buffer.from(withHint('1e99')))).toBeDefined();
    expect(decodePacket(Buffer.from(withHint('1e999')))).toBeUndefined();
  });

  test('a value that is nested so deeply that others could not write it down', () => {
    const nested = (depth: number) =>
      packet.replace('"news":[]', `"news":[],"hint":${'['.repeat(depth)}${']'.repeat(depth)}`);
    expect(decodePacket(Buffer.from(nested(MAX_JSON_DEPTH)))).toBeDefined();
    expect(decodePacket(Buffer.from(nested(MAX_JSON_DEPTH + 1)))).toBeUndefined();
    expect(decodePacket(Buffer.from(nested(1_000_000)))).toBeUndefined();
  });
});

describe('what could stop a cluster for good, or lie to whoever reads a log, is no packet:', () => {
  const withText = (from: RegExp, to: string) =>
    examplePackets
      .map((packet) => JSON.stringify(packet).replace(from, to))
      .filter((text) => text.includes(to));

  test.each([
    ['an epoch at the end of all epochs', /"epochFloor":\d+/g, '"epochFloor":9007199254740991'],
    ['a host of two lines', /"host":"[^"]*"/g, '"host":"h\\nleader is evil"'],
    ['an id that a terminal obeys', /"clusterId":"[^"]*"/g, '"clusterId":"\\u001b[2J"'],
  ])('%s', (_, from, to) => {
    const wrong = withText(from, to);
    expect(wrong.length).toBeGreaterThan(0);
    for (const text of wrong) expect(decodePacket(Buffer.from(text)), text).toBeUndefined();
  });

  test('a write to the map that would fit no frame once it is in the log', () => {
    const [write] = examplePackets.filter(
      ({ body }) => body.layer === 'map' && body.message.kind === 'write',
    );
    const large = (bytes: number) =>
      Buffer.from(
        JSON.stringify(write).replace('"put":{', `"put":{${JSON.stringify('large')}:"${'x'.repeat(bytes)}",`),
      );
    expect(decodePacket(large(1_000_000))).toBeDefined();
    expect(decodePacket(large(1_200_000))).toBeUndefined();
    expect(decodePacket(large(16_000_000))).toBeUndefined();
  });
});

test('fields that a newer version adds are let pass', () => {
  const newer = JSON.stringify(examplePackets[0]).replace('"probe":1', '"probe":1,"colour":"red"');
  expect(decodePacket(Buffer.from(newer))).toBeDefined();
});

describe('another version', () => {
  const changed = (kind: string, from: string, to: string) => {
    const packet = examplePackets.find(({ body }) => body.message.kind === kind);
    const bytes = Buffer.from(JSON.stringify(packet).replace(from, to));
    return { packet: decodePacket(bytes), sender: senderOfUnknown(bytes) };
  };
  const sender = { host: '10.0.0.1', port: 7946 };

  test.each([
    ['a layer that is new', 'ping', '"swim"', '"swum"'],
    ['a kind of message that is new', 'take-over', '"take-over"', '"take-care"'],
    ['a kind of entry of the log that is new', 'append', '"term-begins"', '"term-ends"'],
    [
      'a command with more to it, which is not to be half carried out',
      'append',
      '"change":{',
      '"change":{"more":1',
    ],
    ['a write with another condition', 'write', '"if":[', '"unless":['],
    ['a condition with more to it', 'write', '"version":0', '"version":0,"or":1'],
  ])('says %s: it is not understood, and its sender is known', (_what, kind, from, to) => {
    expect(changed(kind, from, from).packet).toBeDefined();
    expect(changed(kind, from, to)).toEqual({ packet: undefined, sender });
  });

  test('is not what makes no sense in any version', () => {
    for (const text of ['', '{', '[1]', '{"from":1}', '{"body":{"layer":"swim","message":{"kind":"ping"}}}'])
      expect(senderOfUnknown(Buffer.from(text))).toBeUndefined();
  });
});
