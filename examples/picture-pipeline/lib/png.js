// PNG pictures, read and written with nothing but Node. The manifest packs this file into each action that needs it.
import { deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** A file of a few bytes may claim to be enormous. */
const MOST_PIXELS = 12_000_000;
/** Samples of a pixel by colour type: grey, RGB, palette, grey and alpha, RGBA. */
const SAMPLES = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** The chunks of a file, in order: `{type, data}`. Throws an `Error` that says what is wrong with it. */
export function chunksOf(file) {
  if (!file.subarray(0, 8).equals(SIGNATURE)) throw new Error('it is no PNG picture');
  const chunks = [];
  for (let at = 8; at + 12 <= file.length;) {
    const length = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    if (at + 12 + length > file.length) break;
    chunks.push({ type, data: file.subarray(at + 8, at + 8 + length) });
    if (type === 'IEND') return chunks;
    at += 12 + length;
  }
  throw new Error('the picture is cut off');
}

/** Width, height and form, from the chunk that every picture begins with. */
export function headerOf(chunks) {
  const { type, data } = chunks[0];
  if (type !== 'IHDR' || data.length !== 13) throw new Error('the picture has no header');
  const header = {
    width: data.readUInt32BE(0),
    height: data.readUInt32BE(4),
    depth: data[8],
    colourType: data[9],
    isInterlaced: data[12] !== 0,
  };
  const { width, height } = header;
  if (width === 0 || height === 0 || width * height > MOST_PIXELS) {
    throw new Error(`a picture of ${width} × ${height} pixels is not taken`);
  }
  return header;
}

/** Each row was written as differences to its neighbours: this adds them up again, in place. */
function unfilter(rows, rowBytes, pixelBytes) {
  for (let row = 0; row * (rowBytes + 1) < rows.length; row++) {
    const start = row * (rowBytes + 1) + 1;
    const filter = rows[start - 1];
    for (let i = 0; i < rowBytes; i++) {
      const left = i < pixelBytes ? 0 : rows[start + i - pixelBytes];
      const up = row === 0 ? 0 : rows[start + i - rowBytes - 1];
      const upLeft = row === 0 || i < pixelBytes ? 0 : rows[start + i - rowBytes - 1 - pixelBytes];
      rows[start + i] += guessed(filter, left, up, upLeft);
    }
  }
}

function guessed(filter, left, up, upLeft) {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4:
      return paeth(left, up, upLeft);
    default:
      return 0;
  }
}

function paeth(left, up, upLeft) {
  const guess = left + up - upLeft;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - upLeft)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : upLeft;
}

/** One sample of a row as 0 to 255; of a palette, the number of the colour. */
function sampleOf(row, index, { depth, colourType }) {
  if (depth === 8) return row[index];
  if (depth === 16) return row[index * 2];
  const bit = index * depth;
  const value = (row[bit >> 3] >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
  return colourType === 3 ? value : Math.round((value * 255) / ((1 << depth) - 1));
}

/** Writes red, green, blue and alpha of pixel `x` of a row. */
function paint(pixels, at, row, x, form) {
  const { colourType, palette, alphas } = form;
  const first = x * SAMPLES[colourType];
  const grey = sampleOf(row, first, form);
  pixels[at + 3] = 255;
  for (let i = 0; i < 3; i++) {
    if (colourType === 3) pixels[at + i] = palette[grey * 3 + i];
    else if (colourType === 0 || colourType === 4) pixels[at + i] = grey;
    else pixels[at + i] = sampleOf(row, first + i, form);
  }
  if (colourType === 3) pixels[at + 3] = alphas[grey] ?? 255;
  if (colourType === 4) pixels[at + 3] = sampleOf(row, first + 1, form);
  if (colourType === 6) pixels[at + 3] = sampleOf(row, first + 3, form);
}

/** The rows, each with a byte in front that says how it was filtered. */
function unpacked(data, length) {
  try {
    const rows = inflateSync(data, { maxOutputLength: length });
    if (rows.length === length) return rows;
  } catch {
    // Said below.
  }
  throw new Error('its rows are damaged');
}

const dataOf = (chunks, type) =>
  Buffer.concat(chunks.filter((chunk) => chunk.type === type).map(({ data }) => data));

/** @returns `{width, height, pixels}`: four bytes a pixel. Throws an `Error` that says what is wrong with the file. */
export function decode(file) {
  const chunks = chunksOf(file);
  const header = headerOf(chunks);
  const { width, height, depth, colourType } = header;
  const samples = SAMPLES[colourType];
  if (samples === undefined || ![1, 2, 4, 8, 16].includes(depth)) throw new Error('its form is not known');
  if (header.isInterlaced) throw new Error('interlaced pictures are not taken');
  const rowBytes = Math.ceil((width * samples * depth) / 8);
  const rows = unpacked(dataOf(chunks, 'IDAT'), (rowBytes + 1) * height);
  unfilter(rows, rowBytes, Math.max(1, (samples * depth) >> 3));
  const form = { ...header, palette: dataOf(chunks, 'PLTE'), alphas: dataOf(chunks, 'tRNS') };
  const pixels = Buffer.alloc(width * height * 4);
  for (let y = 0; y < height; y++) {
    const row = rows.subarray(y * (rowBytes + 1) + 1, (y + 1) * (rowBytes + 1));
    for (let x = 0; x < width; x++) paint(pixels, (y * width + x) * 4, row, x, form);
  }
  return { width, height, pixels };
}

function crcOf(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function chunk(type, data) {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const bytes = Buffer.alloc(typed.length + 8);
  bytes.writeUInt32BE(data.length, 0);
  typed.copy(bytes, 4);
  bytes.writeUInt32BE(crcOf(typed), typed.length + 4);
  return bytes;
}

/** The file of a picture; `exif` is for the chunk of that name. */
export function encode({ width, height, pixels }, exif) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6], 8);
  const rows = Buffer.alloc((width * 4 + 1) * height);
  for (let y = 0; y < height; y++) {
    pixels.copy(rows, y * (width * 4 + 1) + 1, y * width * 4, (y + 1) * width * 4);
  }
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    ...(exif === undefined ? [] : [chunk('eXIf', exif)]),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
