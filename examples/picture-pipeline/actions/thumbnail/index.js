import { decode, encode } from './png.js';
import { shrink } from './shrink.js';

/**
 * The second step: a small picture instead of the large one. `size` is a parameter of the action: pixels of the longer side.
 *
 * `{name, picture, metadata}` → `{name, metadata, thumbnail}`, base64.
 */
export function main({ name, picture, metadata, size }) {
  try {
    const small = shrink(decode(Buffer.from(picture, 'base64')), size);
    console.log(`${name}: ${small.width} × ${small.height}`);
    return { name, metadata, thumbnail: encode(small).toString('base64') };
  } catch (error) {
    return { error: `${name}: ${error.message}` };
  }
}
