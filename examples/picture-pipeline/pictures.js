// Pictures to begin with: painted by a few lines each, with what a camera writes into them.
import { encode } from './lib/png.js';
import { exifOf } from './write-exif.js';

/** @param colourAt red, green and blue at `x` and `y`, each from 0 to 1 */
function painted(width, height, colourAt) {
  const pixels = Buffer.alloc(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      pixels.set([...colourAt(x / width, y / height), 255], (y * width + x) * 4);
    }
  }
  return { width, height, pixels };
}

const isWithin = (x, y, [left, top, radius]) => Math.hypot(x - left, y - top) < radius;

function beach(x, y) {
  if (isWithin(x * 1.6, y, [1.25, 0.22, 0.13])) return [255, 236, 130];
  if (y < 0.5) return [90 + y * 200, 170 + y * 100, 250];
  if (y < 0.68) return [20, 90 + Math.sin(x * 60 + y * 90) * 14, 190];
  return [236, 205 - Math.sin(x * 25) * 6, 130];
}

function forest(x, y) {
  const treetop = 0.35 + Math.abs(((x * 5) % 1) - 0.5) * 0.7;
  if (y < treetop - 0.15) return [205, 225, 235];
  return y > 0.9 ? [110, 75, 40] : [30, 110 - Math.floor(x * 5) * 9, 45];
}

function night(x, y) {
  if (isWithin(x, y, [0.7, 0.25, 0.09])) return [245, 240, 220];
  const isStar = (Math.floor(x * 240) * 7919 + Math.floor(y * 240) * 104_729) % 397 === 0;
  if (isStar && y < 0.75) return [220, 220, 255];
  return y > 0.8 ? [8, 10, 14] : [12, 16, 60];
}

/** Names and files. */
export const pictures = {
  'beach.png': encode(
    painted(320, 200, beach),
    exifOf({
      maker: 'Lochkamera',
      model: 'Nr. 5',
      artist: 'Ada',
      taken: '2026:07:19 14:03:00',
      where: { latitude: 43.73, longitude: 7.42 },
    }),
  ),
  'forest.png': encode(
    painted(160, 240, forest),
    exifOf({
      maker: 'Lochkamera',
      model: 'Nr. 5',
      artist: 'Grace',
      taken: '2025:10:03 09:30:00',
      where: { latitude: -41.29, longitude: 174.78 },
    }),
  ),
  'night.png': encode(painted(240, 240, night)),
};
