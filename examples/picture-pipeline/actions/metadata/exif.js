// What cameras write into pictures: EXIF, which is a TIFF file without a picture. A directory has entries of twelve bytes: tag,
// type, count, and the value, or where it stands.
const TAGS = {
  0x010f: 'maker',
  0x0110: 'model',
  0x013b: 'artist',
  0x9003: 'taken',
};
const EXIF_DIRECTORY = 0x8769;
const GPS_DIRECTORY = 0x8825;
const MOST_ENTRIES = 200;
const BYTES = { 2: 1, 3: 2, 4: 4, 5: 8 };

/** @returns a reader of texts, numbers and fractions in one of the two orders of bytes */
function readerOf(file) {
  const isLittle = file.toString('latin1', 0, 2) === 'II';
  const short = (at) => (isLittle ? file.readUInt16LE(at) : file.readUInt16BE(at));
  const long = (at) => (isLittle ? file.readUInt32LE(at) : file.readUInt32BE(at));
  return { short, long, text: (at, length) => file.toString('utf8', at, at + length) };
}

/** The values of one directory by tag. */
function directoryAt(read, start) {
  const count = Math.min(read.short(start), MOST_ENTRIES);
  const values = new Map();
  for (let at = start + 2; at < start + 2 + count * 12; at += 12) {
    const [tag, type, length] = [read.short(at), read.short(at + 2), Math.min(read.long(at + 4), 1000)];
    const size = (BYTES[type] ?? 0) * length;
    const place = size <= 4 ? at + 8 : read.long(at + 8);
    const each = (index) => place + index * BYTES[type];
    const numbers = Array.from({ length: type === 2 ? 0 : length }, (_, index) => index);
    if (type === 2) values.set(tag, read.text(place, length).replace(/\0.*$/s, '').trim());
    if (type === 3)
      values.set(
        tag,
        numbers.map((index) => read.short(each(index))),
      );
    if (type === 4)
      values.set(
        tag,
        numbers.map((index) => read.long(each(index))),
      );
    if (type === 5)
      values.set(
        tag,
        numbers.map((index) => read.long(each(index)) / read.long(each(index) + 4)),
      );
  }
  return values;
}

/** Degrees, minutes and seconds as one number; south and west of nought. */
function degrees(parts, side) {
  if (!Array.isArray(parts) || parts.length !== 3 || !parts.every(Number.isFinite)) return undefined;
  const [degree, minute, second] = parts;
  const value = degree + minute / 60 + second / 3600;
  return Number((side === 'S' || side === 'W' ? -value : value).toFixed(5));
}

/** `{maker, model, artist, taken, where}`: what is there of it. What can't be read is as if it weren't there. */
export function readExif(file) {
  const found = {};
  try {
    const read = readerOf(file);
    const first = directoryAt(read, read.long(4));
    const [exif] = first.get(EXIF_DIRECTORY) ?? [];
    const [gps] = first.get(GPS_DIRECTORY) ?? [];
    const all = [...first, ...(exif === undefined ? [] : directoryAt(read, exif))];
    for (const [tag, value] of all) if (TAGS[tag] && typeof value === 'string') found[TAGS[tag]] = value;
    const position = gps === undefined ? new Map() : directoryAt(read, gps);
    const latitude = degrees(position.get(2), position.get(1));
    const longitude = degrees(position.get(4), position.get(3));
    if (latitude !== undefined && longitude !== undefined) found.where = { latitude, longitude };
  } catch {
    console.log('some of the EXIF data could not be read');
  }
  return found;
}
