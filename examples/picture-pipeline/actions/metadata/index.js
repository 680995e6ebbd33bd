import { chunksOf, headerOf } from './png.js';
import { readExif } from './exif.js';

/**
 * The first step: what is known of a picture without looking at it.
 *
 * `{name, picture}` (base64) → `{name, picture, metadata}`. An `error` ends the sequence: nothing else runs.
 */
export function main({ name, picture }) {
  if (typeof name !== 'string' || typeof picture !== 'string') {
    return { error: 'A name and a picture (base64) are needed.' };
  }
  try {
    const file = Buffer.from(picture, 'base64');
    const chunks = chunksOf(file);
    const { width, height } = headerOf(chunks);
    const exif = chunks.find(({ type }) => type === 'eXIf');
    const metadata = { width, height, bytes: file.length, ...(exif && readExif(exif.data)) };
    console.log(`${name}: ${width} × ${height}, by ${metadata.artist ?? 'somebody'}`);
    return { name, picture, metadata };
  } catch (error) {
    return { error: `${name}: ${error.message}` };
  }
}
