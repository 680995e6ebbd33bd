import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { root, runStory } from './run-story.ts';

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Buffer;
}

const here = `${root}examples/picture-pipeline`;
const { decode, encode } = (await import(`${here}/lib/png.js`)) as {
  decode: (file: Buffer) => Picture;
  encode: (picture: Picture, exif?: Buffer) => Buffer;
};
const { pictures } = (await import(`${here}/pictures.js`)) as { pictures: { [name: string]: Buffer } };
const { readExif } = (await import(`${here}/actions/metadata/exif.js`)) as {
  readExif: (file: Buffer) => { readonly [name: string]: unknown };
};
const { exifOf } = (await import(`${here}/write-exif.js`)) as { exifOf: (values: object) => Buffer };
const { shrink } = (await import(`${here}/actions/thumbnail/shrink.js`)) as {
  shrink: (picture: Picture, size: number) => Picture;
};
const { coloursOf } = (await import(`${here}/actions/tag/colours.js`)) as {
  coloursOf: (picture: Picture) => string[];
};

const whole = {
  maker: 'M',
  model: 'A longer name of a model',
  artist: 'Ada',
  taken: '2026:07:19 14:03:00',
  where: { latitude: -41.29, longitude: 174.78 },
};

const painted = (width: number, height: number, colour: readonly number[]): Picture => ({
  width,
  height,
  pixels: Buffer.alloc(width * height * 4, Buffer.from(colour)),
});

describe('the picture pipeline', () => {
  it('runs whole by one command, and leaves nothing', { timeout: 180_000 }, async () => {
    const { code, text } = await runStory('picture-pipeline');
    expect(code, text).toBe(0);
    for (const shown of [
      '+ sequence pictures/develop',
      '"artist": "Grace"',
      'beach.png: landscape, 2026, summer, north, blue, orange',
      'letter.png: it is no PNG picture',
      'half.png: the picture is cut off',
      'dusk.thumbnail.png has 64 × 40 pixels',
      'Every step held.',
    ])
      expect(text).toContain(shown);
    const [directory = ''] = /\/\S*vibrissa-pictures-[^/\s]+/.exec(text) ?? [];
    expect(directory).not.toBe('');
    expect(existsSync(directory)).toBe(false);
  });

  it('leaves nothing either when it is interrupted', { timeout: 180_000 }, async () => {
    const { code, text } = await runStory('picture-pipeline', [], 'The platform is at');
    expect(code, text).toBe(1);
    expect(text).toContain('Interrupted by SIGINT.');
    expect(text).not.toContain('Every step held.');
    const [directory = ''] = /\/\S*vibrissa-pictures-[^/\s]+/.exec(text) ?? [];
    expect(directory).not.toBe('');
    expect(existsSync(directory)).toBe(false);
  });
});

describe('a picture', () => {
  it('is read as it was written', () => {
    const size = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(size, size, fc.infiniteStream(fc.nat(255)), (width, height, stream) => {
        const pixels = Buffer.from([...stream.take(width * height * 4)]);
        const read = decode(encode({ width, height, pixels }));
        expect([read.width, read.height]).toEqual([width, height]);
        expect(read.pixels.equals(pixels)).toBe(true);
      }),
    );
  });

  it('that is damaged anywhere is read, or refused in words', () => {
    const file = pictures['forest.png'] ?? Buffer.alloc(0);
    const place = fc.nat(file.length - 1);
    fc.assert(
      fc.property(place, fc.nat(255), place, (at, value, end) => {
        const damaged = Buffer.from(file.subarray(0, Math.max(end, at + 1)));
        damaged[at] = value;
        try {
          decode(damaged);
        } catch (error) {
          expect(String(error)).toMatch(/^Error: (?:it|its|the|a|interlaced) /);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('that claims to be enormous is refused before anything is made of it', () => {
    const file = Buffer.from(encode(painted(1, 1, [0, 0, 0, 255])));
    file.writeUInt32BE(4_000_000_000, 16);
    expect(() => decode(file)).toThrow('a picture of 4000000000 × 1 pixels is not taken');
  });

  it('whose rows unpack to more than it says is refused', () => {
    const file = Buffer.from(encode(painted(50, 50, [0, 0, 0, 255])));
    file.writeUInt32BE(2, 20);
    expect(() => decode(file)).toThrow('its rows are damaged');
  });

  it('becomes smaller, keeps its shape, and never grows', () => {
    expect(shrink(painted(400, 100, [9, 8, 7, 255]), 48)).toEqual(painted(48, 12, [9, 8, 7, 255]));
    expect(shrink(painted(3, 2, [9, 8, 7, 255]), 48)).toEqual(painted(3, 2, [9, 8, 7, 255]));
    expect(shrink(painted(1, 900, [9, 8, 7, 255]), 48)).toEqual(painted(1, 48, [9, 8, 7, 255]));
  });

  it.each([
    [[255, 80, 80, 255], ['red']],
    [[0, 200, 0, 255], ['green']],
    [
      [0, 0, 255, 255],
      ['blue', 'dark'],
    ],
    [
      [255, 255, 255, 255],
      ['white', 'bright'],
    ],
    [
      [0, 0, 0, 255],
      ['black', 'dark'],
    ],
    [[120, 120, 120, 255], ['grey']],
  ])('of the colour %j is tagged %j', (colour, tags) => {
    expect(coloursOf(painted(4, 4, colour))).toEqual(tags);
  });

  it('that one sees through has no colours', () => {
    expect(coloursOf(painted(4, 4, [255, 0, 0, 0]))).toEqual([]);
  });
});

describe('what a camera wrote', () => {
  it('is read as it was written', () => {
    expect(readExif(exifOf(whole))).toEqual(whole);
  });

  it('is read as far as it can be, when it is damaged', () => {
    vi.spyOn(console, 'log').mockImplementation(() => {});
    const file = exifOf(whole);
    const place = fc.nat(file.length - 1);
    fc.assert(
      fc.property(place, fc.nat(255), place, (at, value, end) => {
        const damaged = Buffer.from(file.subarray(0, Math.max(end, at + 1)));
        damaged[at] = value;
        const known = Object.keys(whole);
        for (const name of Object.keys(readExif(damaged))) expect(known).toContain(name);
      }),
      { numRuns: 300 },
    );
  });
});
