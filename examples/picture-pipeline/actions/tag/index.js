import { decode } from './png.js';
import { coloursOf } from './colours.js';

/**
 * The last step: words to find the picture by, from its metadata and from the colours of its thumbnail.
 *
 * `{name, metadata, thumbnail}` → `{name, metadata, tags, thumbnail}`: the result of the sequence.
 */
export function main({ name, metadata, thumbnail }) {
  const colours = coloursOf(decode(Buffer.from(thumbnail, 'base64')));
  const tags = [shapeOf(metadata), ...timeOf(metadata), ...placeOf(metadata), ...colours];
  console.log(`${name}: ${tags.join(', ')}`);
  return { name, metadata, tags, thumbnail };
}

function shapeOf({ width, height }) {
  if (width === height) return 'square';
  return width > height ? 'landscape' : 'portrait';
}

const SEASONS = ['winter', 'spring', 'summer', 'autumn'];

/** EXIF has `2026:07:19 12:00:00`. In the south the seasons are half a year apart from those in the north. */
function timeOf({ taken = '', where }) {
  const [, year, month] = /^(\d{4}):(\d{2}):/.exec(taken) ?? [];
  if (year === undefined) return [];
  const season = Math.floor((Number(month) % 12) / 3) + (where?.latitude < 0 ? 2 : 0);
  return [year, SEASONS[season % 4]];
}

function placeOf({ where }) {
  if (where === undefined) return [];
  if (Math.abs(where.latitude) < 23.5) return ['tropics'];
  return [where.latitude > 0 ? 'north' : 'south'];
}
